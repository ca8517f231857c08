import { parsePlainDestination } from '../../ssh/destination.ts';
import { type AnyHost, placesOf } from './any-host.ts';

/** What names and addresses of a host are read from. */
type Named = Pick<AnyHost, 'name'> & Parameters<typeof placesOf>[0];

/**
 * The host that somebody means: by its name, in capitals or not, else by an address. Of several with that address it is the first: one
 * that is added later takes no address away.
 * @param name as one would give it to ssh, without user and port
 */
export function hostCalled<H extends Named>(name: string, hosts: ReadonlyMap<string, H>): H | undefined {
  const exact = hosts.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  const byName = [...hosts.values()].filter((host) => host.name.toLowerCase() === wanted);
  if (byName.length > 0) return byName.length === 1 ? byName[0] : undefined;
  return [...hosts.values()].find((host) => isAt(host, wanted));
}

/** The same for what one gives to ssh: `dev@prod`, `prod:22`, `ssh://prod` mean `prod`. */
export function hostMeant<H extends Named>(destination: string, hosts: ReadonlyMap<string, H>): H | undefined {
  const host = parsePlainDestination(destination)?.host;
  return hostCalled(destination, hosts) ?? (host === undefined ? undefined : hostCalled(host, hosts));
}

/** Whether a host is at this address or name, in small letters; also at those of a gate that are not knocked at. */
export function isAt(host: Named, place: string): boolean {
  const places = host.kind === 'gate' ? [...placesOf(host), ...host.gate.addresses] : placesOf(host);
  return places.some((each) => each.toLowerCase() === place);
}
