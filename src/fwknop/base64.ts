import { fromBase64Url, toBase64Url } from '../base/bytes.ts';

/** Writes base64 of the standard alphabet (RFC 4648, section 4) without padding, as fwknop does. */
export function toBase64(bytes: Uint8Array): string {
  return toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
}

/**
 * Reads unpadded, canonical base64; returns undefined for anything else. (fwknop ignores unused bits and everything behind a
 * `=`, so it accepts several texts for one packet.)
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (/[-_]/.test(text)) return undefined;
  return fromBase64Url(text.replaceAll('+', '-').replaceAll('/', '_'));
}
