import { type Address, addressOfBytes, isIPv4 } from '../../src/base/addresses.ts';
import { copyOf } from '../../src/base/bytes.ts';
import { PROTOCOL_NUMBER } from '../../src/base/ports.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;

/** A packet as captured: who sent it, and the UDP payload. */
export interface Packet {
  readonly source: Address;
  /** Where it was sent to, as far as that is known here. */
  readonly destination?: Address;
  readonly datagram: Uint8Array;
  /** Whether the kernel has opened to it already. */
  readonly isOpened?: boolean;
}

/**
 * Reads an IP packet that holds a whole UDP datagram (RFC 791, RFC 8200, RFC 768). Extension headers are not followed: the
 * kernel drops such packets at a knock port. Returns undefined for anything else.
 */
export function parseUdpPacket(bytes: Uint8Array): Packet | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return parseIPv4(bytes);
  if (version === 6) return parseIPv6(bytes);
  return undefined;
}

/** The address that an IP packet says it comes from (RFC 791, RFC 8200); undefined where that cannot be read. */
export function sourceOf(bytes: Uint8Array): Address | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4 && bytes.length >= IPV4_HEADER) return addressOfBytes(bytes.subarray(12, 16));
  if (version !== 6 || bytes.length < IPV6_HEADER) return undefined;
  const source = addressOfBytes(bytes.subarray(8, 24));
  // An address of IPv4 written as one of IPv6 comes from nobody.
  return isIPv4(source) ? undefined : source;
}

function parseIPv4(bytes: Uint8Array): Packet | undefined {
  const header = ((bytes[0] ?? 0) & 0x0f) * 4;
  if (header < IPV4_HEADER || bytes.length < header || bytes[9] !== PROTOCOL_NUMBER.udp) return undefined;
  const fragment = (((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x3fff;
  if (fragment !== 0) return undefined;
  return udp(bytes.subarray(12, 16), bytes.subarray(16, 20), bytes.subarray(header));
}

function parseIPv6(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < IPV6_HEADER || bytes[6] !== PROTOCOL_NUMBER.udp) return undefined;
  return udp(bytes.subarray(8, 24), bytes.subarray(24, 40), bytes.subarray(IPV6_HEADER));
}

function udp(source: Uint8Array, destination: Uint8Array, segment: Uint8Array): Packet | undefined {
  if (segment.length < UDP_HEADER) return undefined;
  const length = ((segment[4] ?? 0) << 8) | (segment[5] ?? 0);
  if (length < UDP_HEADER || length > segment.length) return undefined;
  return {
    source: addressOfBytes(source),
    destination: addressOfBytes(destination),
    datagram: copyOf(segment, UDP_HEADER, length),
  };
}
