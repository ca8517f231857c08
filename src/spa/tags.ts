import { type Address, isIPv4, masked, sameBytes } from '../base/addresses.ts';
import { copyOf } from '../base/bytes.ts';
import type { CryptoProvider } from './crypto.ts';

/** Seconds in which a set of tags is current; docs/protocol.md, "Tag". */
export const EPOCH_SECONDS = 30;
export const TAG_LENGTH = 16;
/** Bounds and default of a gate's `slots`: ordinary tags for each client and epoch. */
export const SLOTS = { least: 8, most: 64, usual: 32 } as const;
/** Address-bound tags for each client, address and epoch. */
export const BOUND_SLOTS = 8;
/** Bits of an IPv6 address that an address-bound tag is made for: a host changes the others by itself (RFC 8981). */
export const PLACE_PREFIX = 64;

/**
 * An ordinary tag is good from any address. An address-bound one is made for one address of the client, so that a kernel may
 * open to that address without reading the message.
 */
export type TagKind = 'ordinary' | 'bound';
const KIND_NUMBER: Readonly<Record<TagKind, number>> = { ordinary: 0, bound: 1 };

/** Names one tag. Each is good for one message. */
export interface TagSlot {
  readonly kind: TagKind;
  readonly epoch: number;
  /** From 0 to the gate's `slots` - 1 for an ordinary tag, to `BOUND_SLOTS` - 1 for a bound one. */
  readonly slot: number;
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

/** The most epochs that a clock tolerance (milliseconds, either way) can reach at one moment. */
export function mostEpochs(toleranceMs: number): number {
  return Math.ceil((2 * toleranceMs) / (EPOCH_SECONDS * 1000)) + 1;
}

/** Whether two addresses of a client have the same address-bound tags. */
export function samePlace(a: Address, b: Address): boolean {
  return sameBytes(placeOf(a), placeOf(b));
}

/** The key of the address-bound tags of a client at an address: 32 bytes. All addresses of an IPv6 /64 have the same. */
export function placeKeyOf(crypto: CryptoProvider, tagKey: Uint8Array, address: Address): Uint8Array {
  return crypto.hmacSha256(tagKey, placeOf(address));
}

/** The place of an address: itself, or the /64 of an IPv6 address. */
export function placeOf(address: Address): Address {
  return isIPv4(address) ? address : masked(address, PLACE_PREFIX);
}

/**
 * The tag of one slot of one epoch: good for one packet.
 * @param key `tagKey` of the pair for an ordinary tag, `placeKeyOf` an address for a bound one
 * @throws RangeError for an invalid epoch or slot
 */
export function tagOf(crypto: CryptoProvider, key: Uint8Array, { kind, epoch, slot }: TagSlot): Uint8Array {
  return copyOf(crypto.aesBlocks(key, blocksOf(kind, epoch, slot, 1)));
}

/**
 * The first tags of an epoch, slot 0 first, made by one call of the cipher.
 * @throws RangeError for more tags than a gate has slots
 */
export function tagsOf(
  crypto: CryptoProvider,
  key: Uint8Array,
  kind: TagKind,
  epoch: number,
  count: number,
): Uint8Array[] {
  const tags = tagBlock(crypto, key, kind, epoch, count);
  return Array.from({ length: count }, (_, slot) => copyOf(tags, slot * TAG_LENGTH, (slot + 1) * TAG_LENGTH));
}

/**
 * As `tagsOf`, one tag behind the other.
 * @throws RangeError as `tagsOf`
 */
export function tagBlock(
  crypto: CryptoProvider,
  key: Uint8Array,
  kind: TagKind,
  epoch: number,
  count: number,
): Uint8Array {
  // A gate makes those of an epoch for each of its clients in turn: the input is the same.
  if (latest?.kind !== kind || latest.epoch !== epoch || latest.count !== count)
    latest = { kind, epoch, count, blocks: blocksOf(kind, epoch, 0, count) };
  return crypto.aesBlocks(key, latest.blocks);
}

/** The latest input of `tagBlock`. */
let latest: { kind: TagKind; epoch: number; count: number; blocks: Uint8Array } | undefined;

/** Input of the cipher: for each slot the epoch, then kind * 256 + slot, as u64. */
function blocksOf(kind: TagKind, epoch: number, firstSlot: number, count: number): Uint8Array {
  const most = kind === 'bound' ? BOUND_SLOTS : SLOTS.most;
  const isWithin = Number.isInteger(firstSlot) && firstSlot >= 0 && firstSlot + count <= most;
  if (!isWithin) throw new RangeError(`tag: slot ${firstSlot + count - 1} of ${most}`);
  // BigInt throws for a number that is not whole.
  const wide = BigInt(epoch);
  const blocks = new Uint8Array(count * TAG_LENGTH);
  const view = new DataView(blocks.buffer);
  for (let i = 0; i < count; i++) {
    view.setBigUint64(i * TAG_LENGTH, wide);
    view.setUint32(i * TAG_LENGTH + 12, KIND_NUMBER[kind] * 256 + firstSlot + i);
  }
  return blocks;
}
