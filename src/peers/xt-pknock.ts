import type { Address } from '../base/addresses.ts';
import { concat, toHex, utf8 } from '../base/bytes.ts';
import type { CryptoProvider } from '../spa/crypto.ts';

/*
 * The datagram of xt_pknock's HMAC mode: 64 hex digits and a line end. The digest is over the source address and the minute. Nothing
 * in it is random: anybody who sees it can send it again, from the same address, until the minute is over.
 */

/** Bytes that the kernel keeps of a secret; the rest of a longer one does not count. */
const SECRET_BYTES = 31;

/**
 * Bytes of `--opensecret`, as the kernel has them.
 * @returns undefined for an empty text, and one with a NUL
 */
export function xtPknockSecret(text: string): Uint8Array | undefined {
  const bytes = utf8(text);
  return bytes.length === 0 || bytes.includes(0) ? undefined : bytes.subarray(0, SECRET_BYTES);
}

/**
 * Makes the datagram for a minute.
 * @param source IPv4 address from which the server sees it come
 * @param minute unix time in whole minutes: releases up to 3.14, and those after 3.27
 */
export function sealXtPknock(
  crypto: Pick<CryptoProvider, 'hmacSha256'>,
  secret: Uint8Array,
  source: Address,
  minute: number,
): Uint8Array {
  const time = new Uint8Array(4);
  // In the byte order of the server's processor; those of today are little-endian.
  new DataView(time.buffer).setUint32(0, minute, true);
  const digest = crypto.hmacSha256(secret, concat(source.subarray(12), time));
  return utf8(`${toHex(digest)}\n`);
}
