import { copyOf } from './bytes.ts';
import { phrase } from './phrase.ts';
import { badText } from './problem.ts';

/**
 * IP addresses as 16 bytes: IPv6, or IPv4-mapped (RFC 4291, section 2.5.5.2). One form for both families, since the
 * payload carries it.
 */
export type Address = Uint8Array;

export type Family = 'ipv4' | 'ipv6';

/** A network: an address and how many of its first bits count (0 to 128; for IPv4 96 + its own prefix). */
export interface Network {
  readonly address: Address;
  readonly prefix: number;
}

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/**
 * Reads an IPv4 or IPv6 address, strictly: no octal, no zone, no brackets. Returns undefined for anything else.
 */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

/** Makes an address of the 4 bytes of an IPv4 header or the 16 of an IPv6 header. */
export function addressOfBytes(bytes: Uint8Array): Address {
  if (bytes.length === 16) return copyOf(bytes);
  const address = new Uint8Array(16);
  address.set(MAPPED);
  address.set(bytes, 12);
  return address;
}

/** Whether an address is IPv4-mapped. */
export function isIPv4(address: Address): boolean {
  return MAPPED.every((byte, i) => address[i] === byte);
}

/** The family of a literal address, written as `formatAddress` writes it. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** Dotted IPv4, or IPv6 in the form of RFC 5952. */
export function formatAddress(address: Address): string {
  if (isIPv4(address)) return address.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0));
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8`, or a bare address (one host).
 * @throws Problem `bad-text`, also when bits behind the prefix are set
 */
export function parseNetwork(text: string, field = 'network'): Network {
  const [host = '', length, ...rest] = text.split('/');
  const address = parseAddress(host);
  const expected = phrase('a network such as "10.0.0.0/8" or "fd00::/8", with no bits set behind its prefix');
  if (address === undefined || rest.length > 0) throw badText(field, text, expected);
  const most = host.includes(':') ? 128 : 32;
  const bits = length === undefined ? most : /^(0|[1-9][0-9]{0,2})$/.test(length) ? Number(length) : -1;
  if (bits < 0 || bits > most) throw badText(field, text, expected);
  const network = { address, prefix: 128 - most + bits };
  if (!sameBytes(masked(address, network.prefix), address)) throw badText(field, text, expected);
  return network;
}

/** `10.0.0.0/8`; a single host without its prefix. */
export function formatNetwork({ address, prefix }: Network): string {
  if (prefix === 128) return formatAddress(address);
  return `${formatAddress(address)}/${isIPv4(address) && prefix >= 96 ? prefix - 96 : prefix}`;
}

/** Whether a network holds an address. */
export function contains(network: Network, address: Address): boolean {
  // ::/0 is every IPv6 address, and no IPv4 one: families never mix.
  if (isIPv4(network.address) !== isIPv4(address)) return false;
  return sameBytes(masked(address, network.prefix), network.address);
}

/** An address with the bits behind its prefix set to zero. */
export function masked(address: Address, prefix: number): Address {
  return address.map((byte, i) => {
    const bits = Math.min(Math.max(prefix - i * 8, 0), 8);
    return byte & (0xff << (8 - bits)) & 0xff;
  });
}

/** Whether two addresses are the same. They are public: no constant time is needed. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const NOT_UNICAST = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/128', '::1/128', 'ff00::/8'];
const NOT_GLOBAL = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  // 464XLAT and DS-Lite: IPv4 addresses of hosts in an IPv6-only network.
  '192.0.0.0/24',
  '192.168.0.0/16',
  // For benchmarks; proxies and VPNs use them for their tunnel devices.
  '198.18.0.0/15',
  'fc00::/7',
  'fe80::/10',
];
const notUnicast = NOT_UNICAST.map((text) => parseNetwork(text));
const notGlobal = NOT_GLOBAL.map((text) => parseNetwork(text));

/** Whether an address can be that of one host elsewhere: unicast, and not loopback. */
export function isUnicast(address: Address): boolean {
  return !notUnicast.some((network) => contains(network, address));
}

/**
 * Whether others see a host under this address everywhere. That excludes private, shared, link-local and translated addresses
 * (those of RFC 6890), which a NAT replaces.
 */
export function isGlobal(address: Address): boolean {
  return isUnicast(address) && !notGlobal.some((network) => contains(network, address));
}

function parseIPv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return addressOfBytes(bytes);
}

function parseIPv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : new Uint8Array(0);
  if (head === undefined || tail === undefined) return undefined;
  const length = head.length + tail.length;
  // "::" stands for one group at least.
  if (halves.length === 2 ? length > 14 : length !== 16) return undefined;
  const address = new Uint8Array(16);
  address.set(head);
  address.set(tail, 16 - tail.length);
  return address;
}

function parseGroups(text: string, mayEndInIPv4: boolean): Uint8Array | undefined {
  if (text === '') return new Uint8Array(0);
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (group.includes('.')) {
      const last = mayEndInIPv4 && i === groups.length - 1 ? parseIPv4(group) : undefined;
      if (last === undefined) return undefined;
      bytes.push(...last.subarray(12));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes.length <= 16 ? Uint8Array.from(bytes) : undefined;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}
