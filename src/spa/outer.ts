import { concat, copyOf, u64, utf8, xor } from '../base/bytes.ts';
import { type CryptoProvider, hkdf } from './crypto.ts';

/** Seconds in which a set of tags is current; docs/protocol.md, "Tag". */
export const EPOCH_SECONDS = 30;
export const TAG_LENGTH = 8;
/** Bounds and default of a gate's `slots`: single-use tags for each client and epoch. */
export const SLOTS = { least: 8, most: 64, usual: 32 } as const;

/** What a client and a gate derive once for each other, never per packet. */
export interface PairKeys {
  readonly clientPublic: Uint8Array;
  readonly gatePublic: Uint8Array;
  readonly psk: Uint8Array;
  /** X25519 of both static keys. */
  readonly staticShared: Uint8Array;
  readonly tagKey: Uint8Array;
  readonly maskKey: Uint8Array;
}

/** The psk of a pair that uses none. */
export const NO_PSK: Uint8Array = new Uint8Array(32);

/**
 * Derives the keys of a pair; called on either side with its own private key.
 * @throws when `peerPublic` is a low-order point
 */
export function pairKeys(
  crypto: CryptoProvider,
  side: 'client' | 'gate',
  ownPrivate: Uint8Array,
  peerPublic: Uint8Array,
  psk: Uint8Array = NO_PSK,
): PairKeys {
  const ownPublic = crypto.publicKey(ownPrivate);
  const [clientPublic, gatePublic] = side === 'client' ? [ownPublic, peerPublic] : [peerPublic, ownPublic];
  const staticShared = crypto.agree(ownPrivate, peerPublic);
  const info = concat(utf8('knockgate/1 outer'), clientPublic, gatePublic);
  const output = hkdf(crypto, psk, staticShared, info, 64);
  return {
    clientPublic,
    gatePublic,
    psk,
    staticShared,
    tagKey: copyOf(output, 0, 32),
    maskKey: copyOf(output, 32, 64),
  };
}

/** The epoch of a time in unix milliseconds. */
export function epochAt(unixMs: number): number {
  return Math.floor(unixMs / (EPOCH_SECONDS * 1000));
}

/** The epochs that a clock tolerance (milliseconds, either way) reaches, first to last. */
export function epochsWithin(unixMs: number, toleranceMs: number): number[] {
  const first = epochAt(unixMs - toleranceMs);
  const last = epochAt(unixMs + toleranceMs);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * The tag of one slot of one epoch: good for one packet. 8 bytes.
 * @throws RangeError for a slot that no gate has: cut to a byte it would be the tag of another
 */
export function tagOf(crypto: CryptoProvider, tagKey: Uint8Array, epoch: number, slot: number): Uint8Array {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOTS.most) throw new RangeError(`slot ${slot} of ${SLOTS.most}`);
  const input = concat(u64(epoch), Uint8Array.of(slot));
  return copyOf(crypto.hmacSha256(tagKey, input), 0, TAG_LENGTH);
}

/**
 * Hides or shows the ephemeral key, as QUIC's header protection does (RFC 9001, section 5.4): a bare X25519 key
 * is distinguishable from random bytes.
 */
export function mask(
  crypto: CryptoProvider,
  maskKey: Uint8Array,
  ephemeral: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return xor(ephemeral, crypto.hmacSha256(maskKey, ciphertext.subarray(ciphertext.length - 16)));
}
