import { parsePlainDestination } from '../../ssh/destination.ts';
import { type AnyHost, kindOf } from './kinds.ts';

/**
 * Finds the host that somebody means: by its name in any capitals, or else by an address. The first host with that address counts:
 * a later one takes no address away.
 * @param name as one would give it to ssh, without user and port
 */
export function hostCalled<H extends AnyHost>(name: string, hosts: ReadonlyMap<string, H>): H | undefined {
  const exact = hosts.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  const byName = [...hosts.values()].filter((host) => host.name.toLowerCase() === wanted);
  if (byName.length > 0) return byName.length === 1 ? byName[0] : undefined;
  return [...hosts.values()].find((host) => isAt(host, wanted));
}

/** Finds the host for a destination as ssh takes it: `dev@prod`, `prod:22`, `ssh://prod` mean `prod`. */
export function hostMeant<H extends AnyHost>(destination: string, hosts: ReadonlyMap<string, H>): H | undefined {
  const host = parsePlainDestination(destination)?.host;
  return hostCalled(destination, hosts) ?? (host === undefined ? undefined : hostCalled(host, hosts));
}

/** Whether a host has this address or name, in small letters; addresses of a gate that are not knocked at count too. */
export function isAt(host: AnyHost, place: string): boolean {
  return kindOf(host)
    .foundAt(host)
    .some((each) => each.toLowerCase() === place);
}
