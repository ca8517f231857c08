/**
 * The primitives of Noise_Kpsk0_25519_AESGCM_SHA256, so that the same message code runs on `node:crypto` (gate,
 * command line, extension) and on `@noble/*` (extension, where Electron's BoringSSL gives other answers, or none).
 */
export interface CryptoProvider {
  /** Cryptographically secure random bytes. */
  randomBytes(length: number): Uint8Array;
  /** X25519 public key (32 bytes) of a private key (32 bytes); RFC 7748, section 6.1. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** X25519 (RFC 7748, section 6.1). Throws when the result is all zero (low-order point). */
  agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** AES-256 of each 16-byte block by itself (FIPS 197): a pseudorandom function, never to hide a text. */
  aesBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array;
  /** AES-256-GCM; nonce 12 bytes; returns ciphertext followed by the 16-byte tag. */
  seal(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Opposite of `seal`. Throws when it does not authenticate. */
  open(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/**
 * HKDF with SHA-256 (RFC 5869).
 * @param length bytes wanted, at most 255 × 32
 */
export function hkdf(
  crypto: CryptoProvider,
  salt: Uint8Array,
  ikm: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const pseudorandomKey = crypto.hmacSha256(salt, ikm);
  const output = new Uint8Array(Math.ceil(length / 32) * 32);
  let block: Uint8Array = new Uint8Array(0);
  for (let i = 1; (i - 1) * 32 < length; i++) {
    const input = new Uint8Array(block.length + info.length + 1);
    input.set(block);
    input.set(info, block.length);
    input[input.length - 1] = i;
    block = crypto.hmacSha256(pseudorandomKey, input);
    output.set(block, (i - 1) * 32);
  }
  return output.subarray(0, length);
}
