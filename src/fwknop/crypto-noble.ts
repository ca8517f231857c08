import { ecb } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha3_256, sha3_512 } from '@noble/hashes/sha3.js';
import type { FwknopCrypto } from './crypto.ts';

const HASHES = { md5, sha1, sha256, sha384, sha512, sha3_256, sha3_512 };

/**
 * The provider for the extension, in plain JavaScript: Electron's BoringSSL has no SHA-3.
 * @param randomBytes randomness is passed in, since Node 18 has no global `crypto`
 */
export function nobleFwknopCrypto(randomBytes: (length: number) => Uint8Array): FwknopCrypto {
  return {
    randomBytes,
    hash: (digest, data) => HASHES[digest](data),
    hmac: (digest, key, data) => hmac(HASHES[digest], key, data),
    aes: (key) => ({
      encrypt: (block) => ecb(key, { disablePadding: true }).encrypt(block),
      decrypt: (block) => ecb(key, { disablePadding: true }).decrypt(block),
    }),
  };
}
