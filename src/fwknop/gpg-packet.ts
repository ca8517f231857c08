import type { FwknopCrypto } from './crypto.ts';
import { type GpgSealingKeys, sealGpg } from './gpg.ts';
import type { OpenPgp } from './openpgp.ts';
import { type OpenedText, type PacketHmac, readPacketText, writePacketText } from './packet-text.ts';

/** The outside of an SPA packet of fwknop in GnuPG's mode. */

/** Base64 of a message whose first header is of the old form, with a length of two bytes that is below 4,096. */
const PREFIX = 'hQ';

/**
 * The same with a length of one byte, which GnuPG writes for keys on elliptic curves: the second character has the upper half
 * of that length. fwknop's client cuts it off all the same, and its server then puts back the wrong one.
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
 * Reads the outside of a packet: a sender without the key of the HMAC gets no further than this.
 * @param isRsa whether the key that opens it is one of RSA, for which there is but one prefix
 */
export function readGpgPacket(crypto: FwknopCrypto, hmac: PacketHmac, isRsa: boolean, packet: string): OpenedText {
  const read = readPacketText(crypto, hmac, PREFIX, packet);
  if (read.ok || read.reason !== 'hmac' || isRsa) return read;
  const others = SHORT_PREFIXES.map((prefix) => readPacketText(crypto, hmac, prefix, packet));
  return others.find(({ ok }) => ok) ?? read;
}
