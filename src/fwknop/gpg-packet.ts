import type { FwknopCrypto } from './crypto.ts';
import { type GpgSealingKeys, sealGpg } from './gpg.ts';
import type { OpenPgp } from './openpgp.ts';
import { type OpenedText, type PacketHmac, readPacketText, writePacketText } from './packet-text.ts';

/** The outside of an SPA packet of fwknop in GnuPG's mode. */

/** How the base64 of a message begins whose first header has the old form and a length of two bytes, below 4,096. */
const PREFIX = 'hQ';

/**
 * How it begins with a length of one byte, which GnuPG writes for keys on elliptic curves. The second character holds half
 * of that length. fwknop's client cuts both characters off all the same, and its server then puts back the wrong ones.
 */
const SHORT_PREFIXES = [...'ABCDEFGHIJKLMNOP'].map((second) => `h${second}`);

/** @throws the library's error, as `sealGpg` */
export async function sealGpgPacket(
  crypto: FwknopCrypto,
  pgp: OpenPgp,
  keys: GpgSealingKeys,
  hmac: PacketHmac | undefined,
  plaintext: Uint8Array,
  date: Date,
): Promise<string> {
  return writePacketText(crypto, hmac, PREFIX, await sealGpg(pgp, keys, plaintext, date));
}

/**
 * Reads the outside of a packet. A packet without a good HMAC is refused here.
 * @param isRsa whether the gate's key is an RSA key: then only one prefix is possible
 */
export function readGpgPacket(crypto: FwknopCrypto, hmac: PacketHmac, isRsa: boolean, packet: string): OpenedText {
  const read = readPacketText(crypto, hmac, PREFIX, packet);
  if (read.ok || read.reason !== 'hmac' || isRsa) return read;
  const others = SHORT_PREFIXES.map((prefix) => readPacketText(crypto, hmac, prefix, packet));
  return others.find(({ ok }) => ok) ?? read;
}
