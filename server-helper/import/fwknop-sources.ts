import { formatNetwork, isIPv4, parseAddress } from '../../src/base/addresses.ts';
import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { Directive } from './fwknop-lines.ts';

/**
 * The networks of a SOURCE: `ANY`, or addresses with a length or a mask: `192.168.10.0/24, 192.168.10.0/255.255.255.0`. Bits behind
 * the mask are ignored, as in fwknopd.
 * @returns empty: any; undefined when nothing in it could be read
 */
export function sourcesOf(source: Directive | undefined, note: Note): readonly string[] | undefined {
  const texts = source?.value.split(',').map((text) => text.trim()) ?? [];
  const networks = texts.map((text) => (text.toUpperCase() === 'ANY' ? '0.0.0.0/0' : networkOf(text)));
  const read = networks.filter((network) => network !== undefined);
  if (read.length < networks.length)
    note(source?.line ?? 0, phrase('SOURCE has something that is not an IPv4 network, hence enabled = false'));
  if (read.includes('0.0.0.0/0')) return [];
  return read.length === 0 ? undefined : [...new Set(read)];
}

/** Whether everything in a SOURCE could be read. */
export function isWholeSource({ value }: Directive): boolean {
  return value.split(',').every((text) => /^any$/i.test(text.trim()) || networkOf(text.trim()) !== undefined);
}

/** Writes a network in its shortest form; undefined for anything else. */
function networkOf(text: string): string | undefined {
  const [host = '', mask, ...more] = text.split('/');
  const address = parseAddress(host);
  const bits = mask === undefined ? 32 : bitsOf(mask);
  if (address === undefined || !isIPv4(address) || bits === undefined || more.length > 0) return undefined;
  const masked = address.map((byte, i) => byte & byteOfMask(96 + bits, i));
  return formatNetwork({ address: masked, prefix: 96 + bits });
}

/** Length of a prefix such as `24` or `255.255.255.0`; undefined for a mask with holes. */
function bitsOf(mask: string): number | undefined {
  if (/^[1-9][0-9]?$/.test(mask)) return Number(mask) <= 32 ? Number(mask) : undefined;
  const address = parseAddress(mask);
  if (address === undefined || !isIPv4(address)) return undefined;
  const bits = Array.from({ length: 33 }, (_, count) => count);
  return bits.find((count) => address.every((byte, i) => i < 12 || byte === byteOfMask(96 + count, i)));
}

/** Byte at a position of a mask with this many bits. */
function byteOfMask(bits: number, place: number): number {
  const set = Math.min(Math.max(bits - 8 * place, 0), 8);
  return (0xff << (8 - set)) & 0xff;
}
