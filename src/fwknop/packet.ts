import type { Mode } from './algorithms.ts';
import type { FwknopCrypto } from './crypto.ts';
import { type PacketHmac, type PacketRefusal, readPacketText, writePacketText } from './packet-text.ts';
import { decrypt, encrypt, SALT_LENGTH } from './rijndael.ts';

/** The outside of an SPA packet of fwknop that is encrypted with a shared key. */

/** How the base64 of every ciphertext begins: "Salted__". */
const PREFIX = 'U2FsdGVkX1';

/** Keys that client and server share. */
export interface PacketKeys {
  /** 0 to 32 bytes, as fwknop's KEY. */
  readonly key: Uint8Array;
  readonly mode: Mode;
  /** Undefined for packets without HMAC: in the stream modes, anybody who guesses the plaintext can then change it. */
  readonly hmac: PacketHmac | undefined;
}

export function sealPacket(crypto: FwknopCrypto, keys: PacketKeys, plaintext: Uint8Array): string {
  return sealWithSalt(crypto, keys, plaintext, crypto.randomBytes(SALT_LENGTH));
}

/** `sealPacket` with the salt given: for tests that need the same packet every time. */
export function sealWithSalt(crypto: FwknopCrypto, keys: PacketKeys, plaintext: Uint8Array, salt: Uint8Array): string {
  return writePacketText(crypto, keys.hmac, PREFIX, encrypt(crypto, keys.key, keys.mode, salt, plaintext));
}

export type OpenedPacket =
  | { readonly ok: true; readonly plaintext: Uint8Array }
  | { readonly ok: false; readonly reason: PacketRefusal };

/** Opens a packet with one pair of keys, HMAC first. Never throws on what came from the wire. */
export function openPacket(crypto: FwknopCrypto, keys: PacketKeys, packet: string): OpenedPacket {
  const read = readPacketText(crypto, keys.hmac, PREFIX, packet);
  if (!read.ok) return read;
  const plaintext = decrypt(crypto, keys.key, keys.mode, read.ciphertext);
  return plaintext === undefined ? { ok: false, reason: 'ciphertext' } : { ok: true, plaintext };
}
