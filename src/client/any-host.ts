import type { FwknopHost } from './fwknop/host.ts';
import type { Host } from './hosts.ts';

/** A host of any kind that can be knocked at, told apart by `kind`. */
export type AnyHost = Host | FwknopHost;

/** A host that speaks something else than our own message. */
export type OtherHost = Exclude<AnyHost, Host>;

/** Where a host is knocked at: addresses and names, as they are configured. */
export function placesOf(host: AnyHost): readonly string[] {
  if (host.kind === 'gate' && host.address === undefined) return host.gate.addresses;
  return host.address === undefined ? [] : [host.address];
}
