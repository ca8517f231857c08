/**
 * Marks: what the kernel knows of a tag, the 32 bits that the map `tags` has for it.
 *
 * | bits | |
 * | --- | --- |
 * | 31 | the daemon decides, whatever the other bits say |
 * | 30 | the tag is bound to an address |
 * | 12 to 29 | number of the client's address, for a bound tag; so a mark and an address tell whether it is that one |
 * | 0 to 11 | number of the profile: what the kernel opens; 0: nothing |
 */
export const DAEMON_ONLY = 0x80000000;
export const BOUND = 0x40000000;
export const PROFILE_BITS = 0xfff;
const PLACE_SHIFT = 12;
/** Addresses of clients that can have numbers. */
export const MOST_PLACES = 2 ** 18;
/** Each profile is two sets and some rules of their own. */
export const MOST_PROFILES = 64;

/** Mark of the tags of a client that are bound to an address. */
export function boundMark(place: number, profile: number): number {
  return BOUND + place * 2 ** PLACE_SHIFT + profile;
}

/** The mark with which the kernel leaves the decision to the daemon. */
export function daemonOnly(mark: number): number {
  return isDaemonOnly(mark) ? mark : mark + DAEMON_ONLY;
}

export function isDaemonOnly(mark: number): boolean {
  return mark >= DAEMON_ONLY;
}

/** As nft writes it. */
export function formatMark(mark: number): string {
  return `0x${mark.toString(16).padStart(8, '0')}`;
}

/** A tag in hexadecimal. */
export function hexOf(tag: Uint8Array): string {
  return Buffer.from(tag).toString('hex');
}
