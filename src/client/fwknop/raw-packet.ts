import { concat } from '../../base/bytes.ts';
import type { RawCarrier } from './host.ts';

/**
 * Segments of fwknop's carriers `icmp`, `tcpraw` and `udpraw`. The system writes the IPv4 header before them: it knows the way's
 * MTU, and each system wants another byte order in that header (raw(7), ip(4)).
 *
 * fwknop's own client leaves the checksum of a SYN at 0, and sends an echo reply that nobody has asked for. Routers that keep track
 * of connections drop both, so here checksums are right and an echo is asked for. fwknopd reads what is behind the header of
 * either.
 */

/** Addresses and ports of a segment. */
export interface RawWay {
  /** IPv4 addresses, 4 bytes each. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Port to knock at; not for `icmp`, which has none. */
  readonly port: number;
}

/** Protocol numbers of IPv4 (RFC 790). */
export const PROTOCOL: Readonly<Record<RawCarrier, number>> = { icmp: 1, tcpraw: 6, udpraw: 17 };

const ECHO_REQUEST = 8;
const SYN = 0x02;
/** Window that Linux offers on Ethernet. */
const WINDOW = 64_240;
/** First dynamic port, for the source (RFC 6335, section 6): 49,152 and the 16,383 above. */
const DYNAMIC_PORTS = 0xc000;

/**
 * Makes a whole segment, from its own header on.
 * @param payload packet of fwknop, ASCII
 * @param random 6 bytes for the source port or the echo's identifier, and for the sequence number
 */
export function rawSegment(
  carrier: RawCarrier,
  { from, to, port }: RawWay,
  payload: Uint8Array,
  random: Uint8Array,
): Uint8Array {
  const [high = 0, low = 0, ...sequence] = random;
  const own = DYNAMIC_PORTS | (high << 8) | low;
  if (carrier === 'icmp') return echo(own, payload);
  const segment = carrier === 'udpraw' ? datagram(own, port, payload) : syn(own, port, sequence, payload);
  // The checksum covers the addresses and the length too (RFC 768; RFC 9293, section 3.1).
  const pseudo = concat(from, to, Uint8Array.of(0, PROTOCOL[carrier], segment.length >>> 8, segment.length & 0xff));
  const sum = checksum(concat(pseudo, segment));
  // In a datagram, 0 means that there is no checksum: the other zero of one's complement is sent instead (RFC 768).
  viewOf(segment).setUint16(carrier === 'udpraw' ? 6 : 16, carrier === 'udpraw' && sum === 0 ? 0xffff : sum);
  return segment;
}

/** Makes an echo request (RFC 792): the host answers it, and a router that translates addresses lets it pass. */
function echo(identifier: number, payload: Uint8Array): Uint8Array {
  const segment = concat(Uint8Array.of(ECHO_REQUEST, 0, 0, 0), u16(identifier), u16(1), payload);
  viewOf(segment).setUint16(2, checksum(segment));
  return segment;
}

/** Makes a datagram of RFC 768, without its checksum. */
function datagram(own: number, port: number, payload: Uint8Array): Uint8Array {
  return concat(u16(own), u16(port), u16(8 + payload.length), u16(0), payload);
}

/** Makes a SYN with data (RFC 9293, section 3.4), without its checksum. It opens no connection: the system resets any answer. */
function syn(own: number, port: number, sequence: readonly number[], payload: Uint8Array): Uint8Array {
  const acknowledgement = new Uint8Array(4);
  const rest = concat(Uint8Array.of(5 << 4, SYN), u16(WINDOW), u16(0), u16(0));
  return concat(u16(own), u16(port), Uint8Array.from(sequence.slice(0, 4)), acknowledgement, rest, payload);
}

/** Internet checksum (RFC 1071) of bytes whose own field is 0; of bytes with a correct checksum, 0. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
