import { concat, copyOf, utf8 } from '../base/bytes.ts';
import type { CryptoProvider } from './crypto.ts';
import { type NoiseKeys, readMessage, writeMessage } from './noise.ts';
import { mask, type PairKeys } from './outer.ts';
import { type AccessRequest, decodePayload, encodePayload, LEAST_PAYLOAD, payloadLength } from './payload.ts';
import { placeKeyOf, TAG_LENGTH, type TagSlot, tagOf } from './tags.ts';

/**
 * The SPA message: one UDP datagram, tag (16) || masked ephemeral key (32) || ciphertext (payload + 16); protocol.md.
 */

const EPHEMERAL_LENGTH = 32;
export const AEAD_TAG_LENGTH = 16;
const OVERHEAD = TAG_LENGTH + EPHEMERAL_LENGTH + AEAD_TAG_LENGTH;
/** The sender pads a datagram to a random length between these, in bytes. */
const PADDED = { least: 128, most: 512 } as const;

/**
 * Shortest and longest datagram of a message, in bytes: that of the shortest payload, and IPv6's minimum MTU without
 * headers.
 */
export const DATAGRAM_LENGTH = { least: OVERHEAD + LEAST_PAYLOAD, most: 1232 } as const;

/**
 * Makes one datagram. Every call draws a new ephemeral key and a new length.
 * @throws RangeError when a value of the request does not fit its field, or when the tag is bound to an address that the
 * request does not claim
 */
export function sealMessage(crypto: CryptoProvider, pair: PairKeys, slot: TagSlot, request: AccessRequest): Uint8Array {
  const random = crypto.randomBytes(EPHEMERAL_LENGTH + 4);
  return sealWith(crypto, pair, slot, request, {
    random: random.subarray(0, EPHEMERAL_LENGTH),
    length: paddedLength(request, random.subarray(EPHEMERAL_LENGTH)),
  });
}

/** Random values of `sealMessage`; given only by tests that need the same datagram every time. */
export interface Drawn {
  /** 32 bytes, of which the ephemeral key is made. */
  readonly random: Uint8Array;
  /** Length of the datagram in bytes. */
  readonly length: number;
}

/**
 * Seals a message like `sealMessage`, with the given random values.
 * @throws RangeError also when the length is outside `DATAGRAM_LENGTH`
 */
export function sealWith(
  crypto: CryptoProvider,
  pair: PairKeys,
  slot: TagSlot,
  request: AccessRequest,
  drawn: Drawn,
): Uint8Array {
  if (drawn.length > DATAGRAM_LENGTH.most) throw new RangeError('datagram: longer than the minimum MTU of IPv6 takes');
  const tag = tagOf(crypto, tagKeyFor(crypto, pair, slot, request), slot);
  const payload = encodePayload(request, drawn.length - OVERHEAD);
  const ephemeral = ephemeralPrivate(crypto, pair, drawn.random, tag, payload);
  const { bytes } = writeMessage(crypto, noiseKeys(pair, tag), ephemeral, payload);
  const ciphertext = bytes.subarray(EPHEMERAL_LENGTH);
  const masked = mask(crypto, pair.maskKey, bytes.subarray(0, EPHEMERAL_LENGTH), ciphertext);
  return concat(tag, masked, ciphertext);
}

/**
 * Derives the ephemeral private key of a message. Two messages never share one, even if the random source repeats itself, as
 * in copies of a virtual machine. Without the pair's keys nobody can guess it, even if the random source is bad.
 */
function ephemeralPrivate(
  crypto: CryptoProvider,
  pair: PairKeys,
  random: Uint8Array,
  tag: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  if (random.length !== EPHEMERAL_LENGTH) throw new RangeError(`message: ${random.length} random bytes`);
  return crypto.hmacSha256(pair.hedgeKey, concat(random, tag, payload));
}

function tagKeyFor(crypto: CryptoProvider, pair: PairKeys, { kind }: TagSlot, { source }: AccessRequest): Uint8Array {
  if (kind === 'ordinary') return pair.tagKey;
  if (source === undefined) throw new RangeError('message: a bound tag needs a claimed source');
  return placeKeyOf(crypto, pair.tagKey, source);
}

/** The result of opening a datagram, with the audit reason where it was refused. */
export type Opened =
  | { readonly ok: true; readonly request: AccessRequest; readonly aeadTag: Uint8Array }
  | { readonly ok: false; readonly reason: 'malformed' | 'unauthentic' };

/** Whether a datagram has the length of a message: check 2 of protocol.md. */
export function hasMessageLength(datagram: Uint8Array): boolean {
  return datagram.length >= DATAGRAM_LENGTH.least && datagram.length <= DATAGRAM_LENGTH.most;
}

/** Opens a datagram of one client: checks 2 to 4 of protocol.md. Never throws on what came from the wire. */
export function openMessage(
  crypto: CryptoProvider,
  pair: PairKeys,
  gatePrivate: Uint8Array,
  datagram: Uint8Array,
): Opened {
  if (!hasMessageLength(datagram)) return { ok: false, reason: 'malformed' };
  const tag = datagram.subarray(0, TAG_LENGTH);
  const ciphertext = datagram.subarray(TAG_LENGTH + EPHEMERAL_LENGTH);
  const masked = datagram.subarray(TAG_LENGTH, TAG_LENGTH + EPHEMERAL_LENGTH);
  const message = concat(mask(crypto, pair.maskKey, masked, ciphertext), ciphertext);
  let payload: Uint8Array;
  try {
    payload = readMessage(crypto, noiseKeys(pair, tag), gatePrivate, message).bytes;
  } catch {
    // On purpose, a low-order point and a failed authentication look the same here.
    return { ok: false, reason: 'unauthentic' };
  }
  const request = decodePayload(payload);
  if (request === undefined) return { ok: false, reason: 'malformed' };
  return { ok: true, request, aeadTag: copyOf(ciphertext, ciphertext.length - AEAD_TAG_LENGTH) };
}

function noiseKeys(pair: PairKeys, tag: Uint8Array): NoiseKeys {
  return {
    prologue: concat(utf8('knockgate/2'), tag),
    psk: pair.psk,
    initiator: pair.clientPublic,
    responder: pair.gatePublic,
    staticShared: pair.staticShared,
  };
}

function paddedLength(request: AccessRequest, random: Uint8Array): number {
  const least = Math.max(PADDED.least, payloadLength(request) + OVERHEAD);
  const most = Math.max(PADDED.most, least);
  // 32 random bits over fewer than 2^11 lengths: the bias is below 2^-21.
  const drawn = new DataView(random.buffer, random.byteOffset, 4).getUint32(0);
  return least + (drawn % (most - least + 1));
}
