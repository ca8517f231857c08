/** Looks a host name up: its addresses in the system's order. Rejects with the system's error. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Resolver of the system, `/etc/hosts` included. */
export const resolveBySystem: Resolve = async (name) => {
  // Most gates are known by an address.
  const { lookup } = await import('node:dns/promises');
  const found = await lookup(name, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};
