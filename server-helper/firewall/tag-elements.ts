import { type Address, formatAddress, isIPv4 } from '../../src/base/addresses.ts';
import type { BoundAddress, LoadedTags } from './firewall.ts';
import { hostOf } from './source.ts';
import { HEARING_SECONDS } from './spa-rules.ts';
import { TABLE } from './table-name.ts';
import { DAEMON_ONLY, formatMark, hexOf } from './tag-marks.ts';

/* Commands of nft about tags and the addresses that they are bound to. Each is one transaction, and joined by `; ` they are one. */

export function renderAddTags(loaded: readonly LoadedTags[]): string {
  const elements = loaded.map(({ tags, mark, seconds }) => {
    const ends = ` timeout ${seconds}s : ${formatMark(mark)}`;
    return `0x${tags.join(`${ends}, 0x`)}${ends}`;
  });
  return `add element ${TABLE} tags { ${elements.join(', ')} }`;
}

/** Fails when one of them is not there. */
export function renderRemoveTags(loaded: readonly LoadedTags[]): string {
  return `delete element ${TABLE} tags { ${loaded.map(({ tags }) => `0x${tags.join(', 0x')}`).join(', ')} }`;
}

/** Removes tags whether they are there or not: deleting what is not there fails, hence the addition. */
export function renderBurntTags(loaded: readonly LoadedTags[]): string {
  return `${renderAddTags(loaded)}; ${renderRemoveTags(loaded)}`;
}

/**
 * Notes a tag as used, as the kernel does when it opens to it. Fails when the kernel has noted it before. The element's bucket lets no
 * packet through: none is as short as its two bytes.
 */
export function renderClaim(tag: Uint8Array): string {
  return `create element ${TABLE} spent { 0x${hexOf(tag)} limit rate 1 bytes/day burst 1 bytes }`;
}

/** Forgets all tags and addresses. */
export function renderNoTags(): string {
  return ['map tags', 'set known4', 'set known6'].map((set) => `flush ${set.replace(' ', ` ${TABLE} `)}`).join('; ');
}

/** The element by which a table of ours is known (`table-mark.ts`): no client has that tag. */
export function renderMark(mark: string): string {
  return `add element ${TABLE} tags { ${mark} : ${formatMark(DAEMON_ONLY)} }`;
}

export function renderAddAddresses(addresses: readonly BoundAddress[]): string[] {
  return byFamily(addresses, 'known', boundText).map(addTo);
}

export function renderRemoveAddresses(addresses: readonly BoundAddress[]): string[] {
  return byFamily(addresses, 'known', boundText).map(
    ([set, elements]) => `delete element ${TABLE} ${set} { ${elements.join(', ')} }`,
  );
}

/** Keeps addresses from being led to a decoy. @param isAnew whether instead of those before, or beside them */
export function renderSpared(addresses: readonly BoundAddress[], ipv6Prefix: number, isAnew: boolean): string[] {
  const flush = isAnew ? [4, 6].map((family) => `flush set ${TABLE} decoy_known${family}`) : [];
  return [...flush, ...byFamily(addresses, 'decoy_known', ({ address }) => hostOf(address, ipv6Prefix)).map(addTo)];
}

/** Notes an epoch up to which it is unknown which tags were used, instead of another. */
export function renderUnknown(epoch: number, seconds: number): string {
  return `flush set ${TABLE} unknown; add element ${TABLE} unknown { ${epoch} timeout ${seconds}s }`;
}

/** Renews one of the two sets by which the daemon shows that it hears packets, whether it has expired or not. */
export function renderHearing(set: string): string {
  return `flush set ${TABLE} ${set}; add element ${TABLE} ${set} { udp timeout ${HEARING_SECONDS}s }`;
}

/** Elements by the set that they belong to: one for each IP version. */
function byFamily(
  addresses: readonly BoundAddress[],
  set: string,
  textOf: (each: BoundAddress) => string,
): [string, string[]][] {
  const elements = (of: (address: Address) => boolean): string[] =>
    addresses.filter(({ address }) => of(address)).map(textOf);
  const all: [string, string[]][] = [
    [`${set}4`, elements(isIPv4)],
    [`${set}6`, elements((address) => !isIPv4(address))],
  ];
  return all.filter(([, found]) => found.length > 0);
}

function boundText({ mark, address }: BoundAddress): string {
  return `${formatMark(mark)} . ${formatAddress(address)}`;
}

function addTo([set, elements]: [string, string[]]): string {
  return `add element ${TABLE} ${set} { ${elements.join(', ')} }`;
}
