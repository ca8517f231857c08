import { fromBase64Url, toBase64Url } from '../base/bytes.ts';

/** Base64 of the standard alphabet (RFC 4648, section 4) without padding: every text of fwknop is written in it. */
export function toBase64(bytes: Uint8Array): string {
  return toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
}

/**
 * Reads unpadded base64, canonical only: fwknop itself ignores unused bits and everything behind a `=`, and so takes one
 * packet for several. Returns undefined for anything else.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (/[-_]/.test(text)) return undefined;
  return fromBase64Url(text.replaceAll('+', '-').replaceAll('/', '_'));
}
