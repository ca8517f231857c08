import { type Host, parseHosts } from '../client/hosts.ts';
import { Problem } from '../spa/problem.ts';
import { HOSTS_SETTING } from './settings.ts';

/** What the setting `knockgate.hosts` says. */
export interface HostBook {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Hosts that are written wrongly: they keep nobody from the others. */
  readonly broken: ReadonlyMap<string, Problem>;
}

/** Reads the record of hosts, each on its own. */
export function readHostBook(record: unknown): HostBook {
  const hosts = new Map<string, Host>();
  const broken = new Map<string, Problem>();
  const entries = typeof record === 'object' && record !== null ? Object.entries(record) : [];
  for (const [name, fields] of entries) {
    try {
      for (const [, host] of parseHosts({ [name]: fields }, HOSTS_SETTING, 'setting')) hosts.set(name, host);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      broken.set(name, error);
    }
  }
  return { hosts, broken };
}

/**
 * The host that a window's destination means: by its name, else by an address that it alone has.
 * @param destination as one would give it to ssh, without the user
 */
export function hostCalled(destination: string, { hosts }: HostBook): Host | undefined {
  const exact = hosts.get(destination);
  if (exact !== undefined) return exact;
  const wanted = destination.toLowerCase();
  const all = [...hosts.values()];
  // An authority loses its capitals on the way through some versions of the editor.
  const byName = all.filter(({ name }) => name.toLowerCase() === wanted);
  const byAddress = all.filter(({ address, gate }) =>
    [address, ...gate.addresses].some((each) => each?.toLowerCase() === wanted),
  );
  const found = byName.length > 0 ? byName : byAddress;
  return found.length === 1 ? found[0] : undefined;
}
