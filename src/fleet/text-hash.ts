import { toHex, utf8 } from '../base/bytes.ts';

/** Hash by which documents name one another: SHA-256 of the bytes, in hexadecimal. */
export function textHash(text: string, sha256: (data: Uint8Array) => Uint8Array): string {
  return toHex(sha256(utf8(text)));
}
