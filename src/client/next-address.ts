import { formatAddress, isIPv4, parseAddress } from '../spa/addresses.ts';
import type { Clock } from './clock.ts';
import { systemErrorCode } from './system-error.ts';
import type { Resolve } from './target.ts';

/** The families that ssh may connect by: its option `AddressFamily`. */
export type AddressFamily = 'any' | 'inet' | 'inet6';

/** Says which address is connected to once the door is open; undefined when that is unknown. */
export type NextAddress = () => Promise<string | undefined>;

/** A name that takes longer to be found takes ssh as long too, and by then every door that opens is open. */
const KNOWN_WITHIN_MS = 50;

/**
 * The address that ssh tries first: it takes those of the name in the system's order (RFC 6724), as far as its option lets
 * it. Never rejects: ssh complains of what is unknown here.
 */
export async function firstOfSsh(name: string, family: AddressFamily, resolve: Resolve): Promise<string | undefined> {
  try {
    const literal = parseAddress(name);
    const found = literal === undefined ? (await resolve(name)).flatMap((text) => parseAddress(text) ?? []) : [literal];
    const first = found.find((address) => family === 'any' || isIPv4(address) === (family === 'inet'));
    return first && formatAddress(first);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

/**
 * The addresses to wait for ahead of the others, since the next connection goes to one of them: knocks for two families
 * are let in one after the other, and a SYN that comes between is dropped, which costs a second. A grant is for the address
 * that we come from, so it counts for all addresses of a family.
 * @returns none where it makes no difference, or is not known in time
 */
export async function addressesAhead(
  addresses: readonly string[],
  nextAddress: NextAddress | undefined,
  clock: Clock,
): Promise<readonly string[]> {
  if (nextAddress === undefined || addresses.every(isOfFamily(addresses[0] ?? ''))) return [];
  const timer = new AbortController();
  const next = await Promise.race([nextAddress(), clock.sleep(KNOWN_WITHIN_MS, timer.signal)]);
  timer.abort();
  if (next === undefined) return [];
  return addresses.includes(next) ? [next] : addresses.filter(isOfFamily(next));
}

function isOfFamily(one: string): (other: string) => boolean {
  return (other) => one.includes(':') === other.includes(':');
}
