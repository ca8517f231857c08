/** The digests that fwknop knows, with their lengths in bytes. */
const DIGESTS = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sha3_256: 32,
  sha3_512: 64,
} as const;

/** As fwknop writes it in HMAC_DIGEST_TYPE and DIGEST_TYPE, in small letters. */
export type Digest = keyof typeof DIGESTS;

/** Where several digests have the same length, they are tried in this order. */
export const DIGEST_NAMES: readonly Digest[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha3_256', 'sha3_512'];

/** As fwknop writes it in ENCRYPTION_MODE, in small letters; `legacy` is its "legacy IV". */
export type Mode = 'cbc' | 'cfb' | 'ofb' | 'ctr' | 'ecb' | 'legacy';

/** fwknop names PCBC too, but has no code for it. */
export const MODES: readonly Mode[] = ['cbc', 'cfb', 'ofb', 'ctr', 'ecb', 'legacy'];

/** Characters of a digest in base64 without its padding. */
export function digestCharacters(digest: Digest): number {
  return Math.ceil((DIGESTS[digest] * 4) / 3);
}
