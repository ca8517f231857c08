import { equalConstantTime, utf8 } from '../spa/bytes.ts';
import { type Digest, digestCharacters, type Mode } from './algorithms.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { FwknopCrypto } from './crypto.ts';
import { decrypt, encrypt, SALT_LENGTH } from './rijndael.ts';

/** The outside of an SPA packet of fwknop: base64 of the ciphertext without its constant beginning, then an HMAC. */

/** Base64 of "Salted__" is always this, so it is not sent. */
const PREFIX = 'U2FsdGVkX1';

/** Characters of a packet that fwknopd looks at; `rijndael` and longer it takes for a message of GnuPG. */
const PACKET_LENGTH = { least: 140, most: 1500, rijndael: 400 } as const;

/** What client and server share. */
export interface PacketKeys {
  /** 0 to 32 bytes, as fwknop's KEY. */
  readonly key: Uint8Array;
  readonly mode: Mode;
  /** undefined for packets without HMAC: whoever guesses what is in one can change it in the stream modes. */
  readonly hmac: { readonly digest: Digest; readonly key: Uint8Array } | undefined;
}

export function sealPacket(crypto: FwknopCrypto, keys: PacketKeys, plaintext: Uint8Array): string {
  return sealWithSalt(crypto, keys, plaintext, crypto.randomBytes(SALT_LENGTH));
}

/** `sealPacket` with the salt given: for tests that need the same packet every time. */
export function sealWithSalt(crypto: FwknopCrypto, keys: PacketKeys, plaintext: Uint8Array, salt: Uint8Array): string {
  const text = toBase64(encrypt(crypto, keys.key, keys.mode, salt, plaintext));
  return `${text.slice(PREFIX.length)}${tagOf(crypto, keys, text)}`;
}

/** Why a packet was not opened. */
export type PacketRefusal = 'length' | 'not-base64' | 'hmac' | 'ciphertext';

export type OpenedPacket =
  | { readonly ok: true; readonly plaintext: Uint8Array }
  | { readonly ok: false; readonly reason: PacketRefusal };

/** Opens a packet with one pair of keys, HMAC first. Never throws on what came from the wire. */
export function openPacket(crypto: FwknopCrypto, keys: PacketKeys, packet: string): OpenedPacket {
  if (packet.length < PACKET_LENGTH.least || packet.length > PACKET_LENGTH.most) return { ok: false, reason: 'length' };
  if (!/^[A-Za-z0-9+/]*$/.test(packet)) return { ok: false, reason: 'not-base64' };
  const end = packet.length - (keys.hmac === undefined ? 0 : digestCharacters(keys.hmac.digest));
  const text = `${PREFIX}${packet.slice(0, end)}`;
  if (!equalConstantTime(utf8(tagOf(crypto, keys, text)), utf8(packet.slice(end))))
    return { ok: false, reason: 'hmac' };
  const ciphertext = fromBase64(text);
  if (ciphertext === undefined) return { ok: false, reason: 'not-base64' };
  const plaintext = decrypt(crypto, keys.key, keys.mode, ciphertext);
  return plaintext === undefined ? { ok: false, reason: 'ciphertext' } : { ok: true, plaintext };
}

/** The HMAC is made of the text with its prefix; empty without one. */
function tagOf(crypto: FwknopCrypto, { hmac }: PacketKeys, text: string): string {
  return hmac === undefined ? '' : toBase64(crypto.hmac(hmac.digest, hmac.key, utf8(text)));
}
