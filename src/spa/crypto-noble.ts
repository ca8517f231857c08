import { ecb, gcm } from '@noble/ciphers/aes.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { isAllZero } from '../base/bytes.ts';
import type { CryptoProvider } from './crypto.ts';

const AES_KEY_LENGTH = 32;

/**
 * The provider in plain JavaScript, for an editor whose `node:crypto` gives wrong answers.
 * @param randomBytes randomness is passed in, since Node 18 has no global `crypto` and Electron's may be another one
 */
export function nobleCrypto(randomBytes: (length: number) => Uint8Array): CryptoProvider {
  return {
    randomBytes,
    // Not `getPublicKey`: it fills a table of multiples first, 40 ms that a knock would wait for.
    publicKey: (privateKey) => x25519.getSharedSecret(privateKey, x25519.GuBytes),
    agree: (privateKey, publicKey) => {
      const shared = x25519.getSharedSecret(privateKey, publicKey);
      if (isAllZero(shared)) throw new Error('X25519: low-order point');
      return shared;
    },
    sha256: (data) => sha256(data),
    hmacSha256: (key, data) => hmac(sha256, key, data),
    aesBlocks: (key, blocks) => ecb(wholeKey(key), { disablePadding: true }).encrypt(blocks),
    seal: (key, nonce, associated, plaintext) => gcm(wholeKey(key), nonce, associated).encrypt(plaintext),
    open: (key, nonce, associated, sealed) => gcm(wholeKey(key), nonce, associated).decrypt(sealed),
  };
}

/** Refuses other lengths: the library would use a shorter key for AES-128 or AES-192. */
function wholeKey(key: Uint8Array): Uint8Array {
  if (key.length !== AES_KEY_LENGTH) throw new RangeError(`AES-256: key of ${key.length} bytes`);
  return key;
}
