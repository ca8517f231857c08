import type { Digest } from './algorithms.ts';

/**
 * AES-256 of single blocks of 16 bytes. The modes are built on it here, so that it does not matter which modes a system has.
 */
export interface BlockCipher {
  encrypt(block: Uint8Array): Uint8Array;
  decrypt(block: Uint8Array): Uint8Array;
}

/** The cryptographic primitives of fwknop's packets. fwknop derives keys with MD5. */
export interface FwknopCrypto {
  /** Cryptographically secure random bytes. */
  randomBytes(length: number): Uint8Array;
  hash(digest: Digest, data: Uint8Array): Uint8Array;
  /** HMAC (RFC 2104); keys of any length. */
  hmac(digest: Digest, key: Uint8Array, data: Uint8Array): Uint8Array;
  /** @param key 32 bytes */
  aes(key: Uint8Array): BlockCipher;
}
