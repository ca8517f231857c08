import { type Address, formatAddress, isIPv4 } from '../../base/addresses.ts';
import { fieldsOf } from '../../base/loose-json.ts';
import { placeOf } from '../../spa/tags.ts';

/**
 * A place of ours that a gate knows, because a knock that claimed an address of it was let in: the gate's kernel opens to an
 * address-bound tag from there at once.
 */
export interface KnownPlace {
  /** The address, or the /64 of an IPv6 address. */
  readonly place: string;
  /** When a knock was last let in from there, in unix milliseconds. */
  readonly atMs: number;
  /** When an address-bound tag last opened nothing, in unix milliseconds; 0 when it always did. */
  readonly doubtedMs: number;
}

/** A gate knows so many addresses of a client of each family, and forgets them after that time. */
const MOST_OF_A_FAMILY = 3;
const KNOWN_FOR_MS = 7 * 24 * 3600 * 1000;
/** Time for which a place is doubted: after it the gate may know the place again, as when its memory was short. */
const DOUBTED_FOR_MS = 24 * 3600 * 1000;

/** The place of an address as text. */
export function placeText(address: Address): string {
  return isIPv4(address) ? formatAddress(address) : `${formatAddress(placeOf(address))}/64`;
}

/** `doubted`: the gate has let a claimed knock in from there, but an address-bound tag opened nothing. */
export type Knowledge = 'known' | 'doubted' | 'unknown';

/** Whether a gate knows a place. */
export function knowledgeOf(known: readonly KnownPlace[] | undefined, place: string, wallMs: number): Knowledge {
  const found = known?.find((each) => each.place === place && isFresh(each, wallMs));
  if (found === undefined) return 'unknown';
  return found.doubtedMs !== 0 && wallMs - found.doubtedMs < DOUBTED_FOR_MS ? 'doubted' : 'known';
}

/**
 * Notes a place from which a claimed knock was just let in, and forgets the oldest ones.
 * @param isDoubted whether an address-bound tag was sent first, and opened nothing
 */
export function withPlace(
  known: readonly KnownPlace[] | undefined,
  place: string,
  isDoubted: boolean,
  wallMs: number,
): KnownPlace[] {
  const before = known?.find((each) => each.place === place);
  const doubtedMs = isDoubted ? wallMs : (before?.doubtedMs ?? 0);
  const others = (known ?? []).filter((each) => each.place !== place && isFresh(each, wallMs));
  const all = [{ place, atMs: wallMs, doubtedMs }, ...others];
  const isIPv6 = (each: KnownPlace) => each.place.includes(':');
  return [
    ...all.filter((each) => !isIPv6(each)).slice(0, MOST_OF_A_FAMILY),
    ...all.filter(isIPv6).slice(0, MOST_OF_A_FAMILY),
  ];
}

/** The clock may have been set back since. */
function isFresh({ atMs }: KnownPlace, wallMs: number): boolean {
  return Math.abs(wallMs - atMs) < KNOWN_FOR_MS;
}

/** Reads the places of the ledger. Broken parts are left out. */
export function parseKnownPlaces(value: unknown): Map<string, readonly KnownPlace[]> {
  return new Map(
    Object.entries(fieldsOf(value)).map(([client, list]) => [client, Array.isArray(list) ? list.filter(isPlace) : []]),
  );
}

function isPlace(value: unknown): value is KnownPlace {
  const { place, atMs, doubtedMs } = fieldsOf(value);
  return typeof place === 'string' && Number.isSafeInteger(atMs) && Number.isSafeInteger(doubtedMs);
}
