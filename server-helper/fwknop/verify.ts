import { type Address, contains, isUnicast, type Network } from '../../src/base/addresses.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import type { FwknopMessage } from '../../src/fwknop/message.ts';
import { openPacket, type PacketKeys } from '../../src/fwknop/packet.ts';
import { decodePlaintext } from '../../src/fwknop/plaintext.ts';
import type { Packet } from '../capture/packet.ts';
import type { RefusalReason } from '../verify/verify.ts';
import { type GpgKeys, openGpgPacket } from './verify-gpg.ts';

/** A configured fwknop client, with its keys. */
export interface FwknopStanza {
  readonly name: string;
  readonly sources: readonly Network[];
  readonly anySource: boolean;
  readonly user: string | undefined;
  readonly keys: PacketKeys | GpgKeys;
}

/** The gate's side of every check. */
export interface FwknopContext {
  readonly crypto: FwknopCrypto;
  readonly toleranceMs: number;
  /** Unix milliseconds. */
  readonly now: number;
}

export type FwknopVerified<S> =
  | {
      readonly ok: true;
      readonly stanza: S;
      readonly message: FwknopMessage;
      /** Address to let in. */
      readonly address: Address;
      /** 16 bytes that identify a message, however it was packed: replays are detected by them. */
      readonly mark: Uint8Array;
    }
  | {
      readonly ok: false;
      readonly reason: RefusalReason | 'source-missing' | 'user-mismatch' | 'replayed' | 'busy';
      /** Stanza whose keys opened the packet; undefined when none did. */
      readonly stanza: S | undefined;
      /** Detail of the reason. Never a secret. */
      readonly detail?: string;
      /** Milliseconds that the sender's clock is ahead of ours, for `clock-skew`. */
      readonly skewMs?: number;
    };

/**
 * Tries the keys of each stanza in turn, the HMAC before anything costly. A packet has no key id, and its length proves nothing.
 */
export async function verifyFwknop<S extends FwknopStanza>(
  { crypto, toleranceMs, now }: FwknopContext,
  stanzas: readonly S[],
  packet: Packet,
): Promise<FwknopVerified<S>> {
  const text = Buffer.from(packet.datagram).toString('latin1');
  let refused: FwknopVerified<S> | undefined;
  for (const stanza of stanzas) {
    if (stanza.sources.length > 0 && !stanza.sources.some((network) => contains(network, packet.source))) continue;
    const opened = await open(stanza.keys, text, { crypto, toleranceMs, now });
    if (!opened.ok) {
      const { reason } = opened;
      if (reason === 'again') return { ok: false, reason: 'replayed', stanza };
      if (reason === 'busy') return { ok: false, reason, stanza };
      // Devices that share the HMAC's key have a stanza each: another one's client may have signed.
      if (reason === 'message' || reason === 'known')
        refused ??= { ok: false, reason: 'unauthentic', stanza, detail: NOT_OURS };
      continue;
    }
    const read = decodePlaintext(crypto, opened.plaintext);
    if (!read.ok) {
      // Without HMAC, a wrong key comes this far now and then.
      if (stanza.keys.hmac !== undefined) refused ??= { ok: false, reason: 'malformed', stanza, detail: read.reason };
      continue;
    }
    return check(stanza, read.message, read.fields, crypto, { toleranceMs, now, seen: packet.source });
  }
  return refused ?? { ok: false, reason: 'unauthentic', stanza: undefined };
}

const NOT_OURS = 'not encrypted to the gate, or not signed now by a good key of its client';

function open(keys: FwknopStanza['keys'], packet: string, { crypto, toleranceMs, now }: FwknopContext) {
  // Signatures name the time by the client's clock, which may be as wrong as that of messages.
  return 'pgp' in keys ? openGpgPacket(crypto, keys, packet, { now, toleranceMs }) : openPacket(crypto, keys, packet);
}

function check<S extends FwknopStanza>(
  stanza: S,
  message: FwknopMessage,
  fields: string,
  crypto: FwknopCrypto,
  { toleranceMs, now, seen }: { readonly toleranceMs: number; readonly now: number; readonly seen: Address },
): FwknopVerified<S> {
  const skewMs = message.timestamp * 1000 - Math.floor(now / 1000) * 1000;
  if (Math.abs(skewMs) > toleranceMs) return { ok: false, reason: 'clock-skew', stanza, skewMs };
  if (stanza.user !== undefined && message.user !== stanza.user) return { ok: false, reason: 'user-mismatch', stanza };
  if (message.source === undefined && !stanza.anySource) return { ok: false, reason: 'source-missing', stanza };
  const address = message.source ?? seen;
  if (!isUnicast(address)) return { ok: false, reason: 'source-mismatch', stanza };
  return { ok: true, stanza, message, address, mark: crypto.hash('sha256', utf8(fields)).subarray(0, 16) };
}
