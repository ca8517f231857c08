import type { Host } from '../../client/gate/host.ts';
import type { ClientKey } from '../../client/hosts/server-kind.ts';
import { formatKey } from '../../spa/keys.ts';
import { gatesOf, type HostBook } from '../hosts/host-book.ts';
import type { Log } from '../log.ts';
import { type Keyring, USUAL_IDENTITY } from './keyring.ts';

/** Finds the keys to knock at a host with: one at least, in the order to try them. Rejects with the problems of the keyring. */
export type FindHostKeys = (host: Host) => Promise<readonly ClientKey[]>;

/** Identity of a host. */
export function identityOf(host: Host): string {
  return host.identity ?? USUAL_IDENTITY;
}

/**
 * Finds the keys of hosts. While a key is being replaced, the old one comes first, until the gate has opened to the new one
 * alone; a gate that is silent to the old one is tried with the new one, also without the psk: a line that enrols a key has
 * none. When every gate knows the new one, the old one is forgotten.
 */
export function hostKeysFinder(keyring: Keyring, hosts: () => HostBook, log: Log): FindHostKeys {
  return async (host) => {
    const identity = identityOf(host);
    const [current, next, psk] = await Promise.all([
      keyring.load(identity),
      keyring.next(identity),
      keyring.psk(host.name),
    ]);
    const old: ClientKey = { privateKey: current, psk, opened: async () => {} };
    if (next === undefined) return [old];
    const fresh: ClientKey = { privateKey: next, psk, opened: () => provenAt(host, keyring, hosts, log) };
    const isProven = keyring.provenAt(identity).includes(formatKey(host.gate.key));
    if (isProven) return [fresh];
    if (psk === undefined) return [old, fresh];
    const bare: ClientKey = { ...fresh, psk: undefined, opened: () => provenWithoutPsk(host, keyring, hosts, log) };
    return [old, fresh, bare];
  };
}

/** Notes it as `provenAt` does, for a gate that shares no psk with the device for the new key. */
export async function provenWithoutPsk(host: Host, keyring: Keyring, hosts: () => HostBook, log: Log): Promise<void> {
  await keyring.forgetPsk(host.name);
  await provenAt(host, keyring, hosts, log);
}

/** Notes that the gate of a host has opened to the new key alone, and ends the rotation when it was the last. */
export async function provenAt(host: Host, keyring: Keyring, hosts: () => HostBook, log: Log): Promise<void> {
  const identity = identityOf(host);
  await keyring.prove(identity, formatKey(host.gate.key));
  log.info(`${host.name}: opened to the new key of ${identity}`);
  if (unprovenHosts(identity, keyring, hosts()).length > 0) return;
  await keyring.finishRotation(identity);
  log.info(`the new key of ${identity} has replaced the old one`);
}

/** Hosts of an identity whose gates have not opened to its new key yet. */
export function unprovenHosts(identity: string, keyring: Keyring, book: HostBook): Host[] {
  const proven = keyring.provenAt(identity);
  return gatesOf(book).filter((host) => {
    return identityOf(host) === identity && !proven.includes(formatKey(host.gate.key));
  });
}
