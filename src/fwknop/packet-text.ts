import { equalConstantTime, utf8 } from '../base/bytes.ts';
import { type Digest, digestCharacters } from './algorithms.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { FwknopCrypto } from './crypto.ts';

/*
 * The text of a packet: base64 of the ciphertext without its constant beginning, which is not sent, then the HMAC in base64.
 * The HMAC covers the whole base64, constant beginning included.
 */

/** Digest and key that authenticate packets. */
export interface PacketHmac {
  readonly digest: Digest;
  readonly key: Uint8Array;
}

/** Shortest and longest packet that fwknopd reads, in characters. */
const LENGTH = { least: 140, most: 1500 } as const;

/** Reason why a packet was not opened. */
export type PacketRefusal = 'length' | 'not-base64' | 'hmac' | 'ciphertext';

export type OpenedText =
  | { readonly ok: true; readonly ciphertext: Uint8Array }
  | { readonly ok: false; readonly reason: PacketRefusal };

/**
 * Writes a packet.
 * @param prefix constant beginning of the base64 of every such ciphertext
 */
export function writePacketText(
  crypto: FwknopCrypto,
  hmac: PacketHmac | undefined,
  prefix: string,
  ciphertext: Uint8Array,
): string {
  const text = toBase64(ciphertext);
  return `${text.slice(prefix.length)}${tagOf(crypto, hmac, text)}`;
}

/** Reads a packet, its HMAC first. Never throws on what came from the wire. */
export function readPacketText(
  crypto: FwknopCrypto,
  hmac: PacketHmac | undefined,
  prefix: string,
  packet: string,
): OpenedText {
  if (packet.length < LENGTH.least || packet.length > LENGTH.most) return { ok: false, reason: 'length' };
  if (!/^[A-Za-z0-9+/]*$/.test(packet)) return { ok: false, reason: 'not-base64' };
  const end = packet.length - (hmac === undefined ? 0 : digestCharacters(hmac.digest));
  const text = `${prefix}${packet.slice(0, end)}`;
  if (!equalConstantTime(utf8(tagOf(crypto, hmac, text)), utf8(packet.slice(end))))
    return { ok: false, reason: 'hmac' };
  const ciphertext = fromBase64(text);
  return ciphertext === undefined ? { ok: false, reason: 'not-base64' } : { ok: true, ciphertext };
}

/** The HMAC in base64; empty for packets without one. */
function tagOf(crypto: FwknopCrypto, hmac: PacketHmac | undefined, text: string): string {
  return hmac === undefined ? '' : toBase64(crypto.hmac(hmac.digest, hmac.key, utf8(text)));
}
