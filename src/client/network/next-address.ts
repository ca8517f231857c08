import { familyOf, formatAddress, isIPv4, parseAddress } from '../../base/addresses.ts';
import type { Clock } from '../../os/clock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { Resolve } from './resolve.ts';

/** Families of addresses that ssh may use: its option `AddressFamily`. */
export type AddressFamily = 'any' | 'inet' | 'inet6';

/** Finds the addresses that the next connection tries, in order; none when they are unknown. */
export type NextAddresses = () => Promise<readonly string[]>;

/** Milliseconds to look them up: if that takes longer, it takes ssh as long too, and by then every port that opens is open. */
const KNOWN_WITHIN_MS = 50;

/**
 * Finds the addresses that ssh tries: those of the name in the system's order (RFC 6724), as far as its option allows. Never
 * rejects: ssh itself complains about an unknown name.
 */
export async function addressesOfSsh(
  name: string,
  family: AddressFamily,
  resolve: Resolve,
): Promise<readonly string[]> {
  try {
    const literal = parseAddress(name);
    const found = literal === undefined ? (await resolve(name)).flatMap((text) => parseAddress(text) ?? []) : [literal];
    return found
      .filter((address) => family === 'any' || isIPv4(address) === (family === 'inet'))
      .map((address) => formatAddress(address));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return [];
  }
}

/**
 * The addresses to wait for ahead of the others, since the next connection goes to one of them: knocks for two families
 * are let in one after the other, and a SYN that comes between is dropped, which costs a second. A grant is for the address
 * that we come from, so it counts for all addresses of a family: those of the first family that ssh tries are waited for.
 * @returns none where it makes no difference, or is not known in time
 */
export async function addressesAhead(
  addresses: readonly string[],
  nextAddresses: NextAddresses | undefined,
  clock: Clock,
): Promise<readonly string[]> {
  if (nextAddresses === undefined || addresses.every(isOfFamily(addresses[0] ?? ''))) return [];
  const timer = new AbortController();
  const next = await Promise.race([nextAddresses(), clock.sleep(KNOWN_WITHIN_MS, timer.signal)]);
  timer.abort();
  const [first] = next ?? [];
  if (next === undefined || first === undefined) return [];
  const ofFamily = addresses.filter(isOfFamily(first));
  const tried = next.filter((address) => ofFamily.includes(address));
  return tried.length > 0 ? tried : ofFamily;
}

function isOfFamily(one: string): (other: string) => boolean {
  return (other) => familyOf(one) === familyOf(other);
}
