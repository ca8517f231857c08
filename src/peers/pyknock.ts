import { type Address, isIPv4 } from '../base/addresses.ts';
import { concat } from '../base/bytes.ts';
import type { CryptoProvider } from '../spa/crypto.ts';

/*
 * The datagram of pyknock: an HMAC-SHA256 over opcode, time, address family and address, all of which are in clear.
 * Nothing in it is random, and a server keeps no record: it obeys the same bytes again while their time is recent.
 */

/** UDP port of a server with its default options. */
export const PYKNOCK_PORT = 60_120;

const OPEN = 1;
/** Address families as Linux numbers them. A server decodes the address by this number, on whatever system the client runs. */
const FAMILY = { ipv4: 2, ipv6: 10 } as const;

/**
 * Bytes of a pre-shared key: its characters as Latin-1, as both programs of pyknock take it.
 * @returns undefined for an empty key, and one with a character above U+00FF
 */
export function pyknockKey(psk: string): Uint8Array | undefined {
  const codes = [...psk].map((character) => character.codePointAt(0) ?? 0);
  return codes.length > 0 && codes.every((code) => code <= 0xff) ? Uint8Array.from(codes) : undefined;
}

/**
 * Makes the datagram that opens a server for an address.
 * @param seconds unix time; may have a fraction
 */
export function sealPyknock(
  crypto: Pick<CryptoProvider, 'hmacSha256'>,
  key: Uint8Array,
  seconds: number,
  address: Address,
): Uint8Array {
  const head = new DataView(new ArrayBuffer(13));
  head.setUint8(0, OPEN);
  head.setFloat64(1, seconds, true);
  head.setInt32(9, isIPv4(address) ? FAMILY.ipv4 : FAMILY.ipv6, true);
  const body = concat(new Uint8Array(head.buffer), isIPv4(address) ? address.subarray(12) : address);
  return concat(crypto.hmacSha256(key, body), body);
}
