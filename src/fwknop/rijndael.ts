import { concat, copyOf, utf8 } from '../base/bytes.ts';
import type { Mode } from './algorithms.ts';
import type { FwknopCrypto } from './crypto.ts';
import { BLOCK, decryptBlocks, encryptBlocks } from './modes.ts';

/*
 * The format of `openssl enc -aes-256-cbc -md md5`, for every mode: "Salted__", 8 bytes of salt, and the plaintext under
 * AES-256. It is padded as in PKCS #7, also in the stream modes.
 */

export const SALT_LENGTH = 8;
const HEADER = utf8('Salted__');
const LEGACY_LENGTH = 16;

/** @param salt 8 random bytes */
export function encrypt(
  crypto: FwknopCrypto,
  key: Uint8Array,
  mode: Mode,
  salt: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const { aesKey, iv } = derive(crypto, key, mode, salt);
  const padding = BLOCK - (plaintext.length % BLOCK);
  const padded = concat(plaintext, new Uint8Array(padding).fill(padding));
  return concat(HEADER, salt, encryptBlocks(crypto.aes(aesKey), mode, iv, padded));
}

/** Returns undefined when the form is wrong, or the padding shows another key or mode. */
export function decrypt(
  crypto: FwknopCrypto,
  key: Uint8Array,
  mode: Mode,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  const start = HEADER.length + SALT_LENGTH;
  const length = ciphertext.length - start;
  if (length < BLOCK || length % BLOCK !== 0) return undefined;
  if (!HEADER.every((byte, i) => byte === ciphertext[i])) return undefined;
  const { aesKey, iv } = derive(crypto, key, mode, ciphertext.subarray(HEADER.length, start));
  const padded = decryptBlocks(crypto.aes(aesKey), mode, iv, copyOf(ciphertext, start));
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK) return undefined;
  const end = padded.length - padding;
  return padded.subarray(end).every((byte) => byte === padding) ? padded.subarray(0, end) : undefined;
}

/** OpenSSL's EVP_BytesToKey with MD5 and one round: 32 bytes of key, 16 of IV. */
function derive(crypto: FwknopCrypto, key: Uint8Array, mode: Mode, salt: Uint8Array) {
  const secret = concat(mode === 'legacy' ? legacyKey(key) : key, salt);
  const first = crypto.hash('md5', secret);
  const second = crypto.hash('md5', concat(first, secret));
  const third = crypto.hash('md5', concat(second, secret));
  return { aesKey: concat(first, second), iv: third };
}

/** Old clients used keys of 16 bytes: longer ones are cut, shorter ones filled up with the digit zero. */
function legacyKey(key: Uint8Array): Uint8Array {
  const filled = new Uint8Array(LEGACY_LENGTH).fill(0x30);
  filled.set(key.subarray(0, LEGACY_LENGTH));
  return filled;
}
