import { fromBase64Url, toBase64Url } from '../base/bytes.ts';
import { type Phrase, phrase } from '../base/phrase.ts';
import { badText } from '../base/problem.ts';
import type { CryptoProvider } from './crypto.ts';

/** Length of every key in bytes: X25519 private and public keys, and psks. */
const KEY_LENGTH = 32;
/** A private key of nobody. One object: to make a key of its bytes takes longer than to use it. */
const ANY_PRIVATE_KEY: Uint8Array = new Uint8Array(KEY_LENGTH).fill(0x42);

/** A key as people see it: 43 characters of unpadded base64url. */
export function formatKey(key: Uint8Array): string {
  return toBase64Url(key);
}

/**
 * Reads a public key.
 * @param field what to call it in the error
 * @throws Problem `bad-text` that quotes the text: use `parseSecretKey` for secrets
 */
export function parsePublicKey(text: string, field: Phrase | string = phrase('key')): Uint8Array {
  const key = fromBase64Url(text);
  if (key?.length !== KEY_LENGTH) throw badText(field, text, phrase('a key of 43 characters of base64url'));
  return key;
}

/** Reads a private key or a psk. Returns undefined rather than an error that might quote it. */
export function parseSecretKey(text: string): Uint8Array | undefined {
  const key = fromBase64Url(text);
  return key?.length === KEY_LENGTH ? key : undefined;
}

/** Makes an X25519 private key: 32 random bytes, which X25519 clamps when it uses them (RFC 7748). */
export function newPrivateKey(crypto: CryptoProvider): Uint8Array {
  return crypto.randomBytes(KEY_LENGTH);
}

/**
 * Whether a public key is a low-order point, with which anybody could compute the shared secret. Such a key is never
 * enrolled. Every private key multiplies such a point to zero, since clamping makes it a multiple of the cofactor.
 */
export function isLowOrder(crypto: CryptoProvider, publicKey: Uint8Array): boolean {
  try {
    crypto.agree(ANY_PRIVATE_KEY, publicKey);
    return false;
  } catch {
    return true;
  }
}
