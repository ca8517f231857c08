/** The digests that fwknop has, with their bytes. */
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

/** In this order a digest is looked for among those of one length. */
export const DIGEST_NAMES: readonly Digest[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha3_256', 'sha3_512'];

/** As fwknop writes it in ENCRYPTION_MODE, in small letters; `legacy` is its "legacy IV". */
export type Mode = 'cbc' | 'cfb' | 'ofb' | 'ctr' | 'ecb' | 'legacy';

/** fwknop's PCBC is a name without code. */
export const MODES: readonly Mode[] = ['cbc', 'cfb', 'ofb', 'ctr', 'ecb', 'legacy'];

/** Characters of a digest in base64 without its padding. */
export function digestCharacters(digest: Digest): number {
  return Math.ceil((DIGESTS[digest] * 4) / 3);
}
