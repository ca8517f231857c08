import { utf8 } from '../../src/base/bytes.ts';
import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import { type GpgOpeningKeys, type GpgOpeningTime, openGpg } from '../../src/fwknop/gpg.ts';
import { readGpgPacket } from '../../src/fwknop/gpg-packet.ts';
import type { OpenPgp } from '../../src/fwknop/openpgp.ts';
import type { PacketHmac } from '../../src/fwknop/packet-text.ts';

/** Keys that open the packets of a stanza with OpenPGP. */
export interface GpgKeys {
  /** HMAC of the packets. There always is one: opening a packet costs some 20 ms, so strangers must not be able to cause it. */
  readonly hmac: PacketHmac;
  readonly pgp: OpenPgp;
  readonly open: GpgOpeningKeys;
  /** Whether the gate's key is an RSA key. */
  readonly isRsa: boolean;
  readonly admission: Admission;
}

export type OpenedGpg =
  | { readonly ok: true; readonly plaintext: Uint8Array }
  | { readonly ok: false; readonly reason: GpgRefusal };

/**
 * `hmac`: not of this stanza; `again`: opened lately; `busy`: too many of its packets are being opened; `message`: not encrypted to
 * us, or not signed by its client; `known`: the same, found lately.
 */
type GpgRefusal = 'hmac' | 'message' | NotAdmitted;
type NotAdmitted = 'again' | 'known' | 'busy';

/** Opens a packet; checks its HMAC first. */
export async function openGpgPacket(
  crypto: FwknopCrypto,
  { hmac, pgp, open, isRsa, admission }: GpgKeys,
  packet: string,
  time: GpgOpeningTime,
): Promise<OpenedGpg> {
  const read = readGpgPacket(crypto, hmac, isRsa, packet);
  if (!read.ok) return { ok: false, reason: 'hmac' };
  const mark = Buffer.from(crypto.hash('sha256', utf8(packet))).toString('latin1', 0, MARK);
  const refused = admission.enter(mark);
  if (refused !== undefined) return { ok: false, reason: refused };
  let plaintext: Uint8Array | undefined;
  try {
    plaintext = await openGpg(pgp, open, read.ciphertext, time);
  } finally {
    admission.leave(mark, plaintext !== undefined);
  }
  return plaintext === undefined ? { ok: false, reason: 'message' } : { ok: true, plaintext };
}

/**
 * Packets to remember: one that comes again within this many is refused at the cost of its HMAC. More than anybody records in a
 * while; a megabyte for each stanza at most, since a packet is remembered by so many bytes of its hash.
 */
const PLACES = 10_000;
const MARK = 16;
/** Most packets that are opened at the same time. */
const MOST_AT_ONCE = 4;

/**
 * Limits the cost of one stanza's packets with a good HMAC: a packet that is sent again and again is opened once, and only a few
 * are opened at the same time. It does not detect replays, since it lives no longer than the process.
 */
export class Admission {
  /** Packets, and whether they were for this stanza, as far as is known; one that is being opened counts as such. */
  private readonly packets = new Map<string, boolean>();
  private opening = 0;

  /**
   * Admits a packet, which must `leave` later; or says why not.
   * @param packet what it is known by
   */
  enter(packet: string): NotAdmitted | undefined {
    const isOurs = this.packets.get(packet);
    if (isOurs !== undefined) return isOurs ? 'again' : 'known';
    if (this.opening >= MOST_AT_ONCE) return 'busy';
    this.opening += 1;
    this.packets.set(packet, true);
    const [oldest] = this.packets.keys();
    if (this.packets.size > PLACES && oldest !== undefined) this.packets.delete(oldest);
    return undefined;
  }

  /** @param isOurs whether it was for this stanza, by a key that counts */
  leave(packet: string, isOurs: boolean): void {
    this.opening -= 1;
    // The packet may have been forgotten meanwhile.
    if (this.packets.has(packet)) this.packets.set(packet, isOurs);
  }
}
