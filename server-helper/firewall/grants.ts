import { type Address, isIPv4 } from '../../src/base/addresses.ts';
import type { PortRange } from '../../src/base/ports.ts';
import { hostOf } from './source.ts';
import { openSet } from './spa-rules.ts';
import { rangeSet } from './table.ts';
import { TABLE } from './table-name.ts';

/** Where a grant lives: a set of the table, and its element there. */
export interface GrantElement {
  readonly set: string;
  /** As nft reads it, without timeout and comment. */
  readonly key: string;
}

/** The element of a grant for one port or range. IPv6 addresses count with their first `ipv6Prefix` bits. */
export function elementOf(address: Address, port: PortRange, ipv6Prefix: number): GrantElement {
  const family = isIPv4(address) ? 4 : 6;
  const host = hostOf(address, ipv6Prefix);
  if (port.first !== port.last) return { set: rangeSet(port, family), key: host };
  return { set: `granted${family}`, key: `${host} . ${port.protocol} . ${port.first}` };
}

/** The element of what the kernel has opened by itself. */
export function openedElement(address: Address, profile: number, ipv6Prefix: number): GrantElement {
  return { set: openSet(profile, isIPv4(address) ? 4 : 6), key: hostOf(address, ipv6Prefix) };
}

/**
 * One transaction that gives an element a timeout of so many seconds, whether it is there or not. Adding an element again
 * does not renew its timeout, hence the deletion; deleting what is not there fails, hence the first addition.
 */
export function renderGrant({ set, key }: GrantElement, seconds: number, client: string): string {
  const where = `element ${TABLE} ${set}`;
  return `add ${where} { ${key} }; delete ${where} { ${key} }; add ${where} { ${withEnd(key, seconds, client)} }`;
}

/** The same for an element that is not there, which takes nft half as long; fails when it is. */
export function renderNewGrant({ set, key }: GrantElement, seconds: number, client: string): string {
  return `create element ${TABLE} ${set} { ${withEnd(key, seconds, client)} }`;
}

function withEnd(key: string, seconds: number, client: string): string {
  // nft lists the last part of a second as 0, and reads a timeout of 0 as "for ever".
  return `${key} timeout ${Math.max(seconds, 1)}s comment "${client}"`;
}

/** One transaction that removes an element, whether it is there or not. */
export function renderRevocation({ set, key }: GrantElement): string {
  return `add element ${TABLE} ${set} { ${key} }; delete element ${TABLE} ${set} { ${key} }`;
}
