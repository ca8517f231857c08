import type { CryptoProvider } from '../../src/spa/crypto.ts';

/*
 * The file: a header of one disk sector, then one block for each client. It is allocated whole and written in place, so that a
 * full disk does not matter. Every entry has 32 bytes and so never straddles two sectors: it is written whole or not at all.
 *
 *   header  "knockgate replay\n" | u8 1 | u16 places | u32 blocks | u64 created (unix ms) | boot (16) | check (4)
 *   block   client id (16) | check (4) | u64 floor (unix ms) | check of the floor (4), then `places` entries
 *   entry   u64 timestamp (unix ms) | AEAD tag (16) | check (4) | zeros (4)
 *
 * check: the first 4 bytes of SHA-256 over what precedes it in its record.
 */
const MAGIC = 'knockgate replay\n';
/** Bytes of the id of a boot, as of random(4). */
export const BOOT_LENGTH = 16;
const BOOT_AT = MAGIC.length + 15;
/** Bytes of the header that its check covers. */
const HEADER = BOOT_AT + BOOT_LENGTH;
export const SECTOR = 512;
export const ENTRY = 32;

/** Layout of a replay file. */
export interface Layout {
  readonly places: number;
  readonly blocks: number;
  readonly createdAt: number;
  /** Id of the boot in which the file was last opened; `BOOT_LENGTH` bytes. */
  readonly boot: Uint8Array;
}

/** An accepted message, as remembered: unix milliseconds, and the 16 bytes of its AEAD tag. */
export interface ReplayEntry {
  readonly timestamp: number;
  readonly aeadTag: Uint8Array;
}

/** Reads the header of a file; undefined when it is damaged, or the file shorter than it says. */
export function readHeader(crypto: CryptoProvider, bytes: Buffer): Layout | undefined {
  if (bytes.length < SECTOR || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (!isChecked(crypto, bytes, HEADER)) return undefined;
  const layout = {
    places: bytes.readUInt16BE(MAGIC.length + 1),
    blocks: bytes.readUInt32BE(MAGIC.length + 3),
    createdAt: Number(bytes.readBigUInt64BE(MAGIC.length + 7)),
    boot: Uint8Array.from(bytes.subarray(BOOT_AT, HEADER)),
  };
  // Longer than it says: growing it was broken off before the header followed.
  return bytes[MAGIC.length] === 1 && bytes.length >= fileLength(layout) ? layout : undefined;
}

/** Writes the header at the beginning of `bytes`. */
export function writeHeader(crypto: CryptoProvider, bytes: Buffer, layout: Layout): void {
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt8(1, MAGIC.length);
  bytes.writeUInt16BE(layout.places, MAGIC.length + 1);
  bytes.writeUInt32BE(layout.blocks, MAGIC.length + 3);
  bytes.writeBigUInt64BE(BigInt(layout.createdAt), MAGIC.length + 7);
  bytes.set(layout.boot, BOOT_AT);
  check(crypto, bytes.subarray(0, HEADER)).copy(bytes, HEADER);
}

/** The bytes of an entry. */
export function entryBytes(crypto: CryptoProvider, { timestamp, aeadTag }: ReplayEntry): Buffer {
  const record = Buffer.alloc(ENTRY);
  record.writeBigUInt64BE(BigInt(timestamp));
  record.set(aeadTag, 8);
  check(crypto, record.subarray(0, 24)).copy(record, 24);
  return record;
}

/** Reads the entry at the beginning of `bytes`. One whose check fails was never granted, and counts as none. */
export function readEntry(crypto: CryptoProvider, bytes: Buffer): ReplayEntry | undefined {
  // Most places of most clients were never written to. To hash them all would take longer than the rest of a first knock.
  if (bytes.length < ENTRY || isEmpty(bytes) || !isChecked(crypto, bytes, 24)) return undefined;
  return { timestamp: Number(bytes.readBigUInt64BE()), aeadTag: Uint8Array.from(bytes.subarray(8, 24)) };
}

/** Reads the floor that a block was given when the file was made larger; 0 for one that was given none. */
export function readFloor(crypto: CryptoProvider, block: Buffer): number {
  if (block.length < ENTRY || !check(crypto, block.subarray(20, 28)).equals(block.subarray(28, 32))) return 0;
  return Number(block.readBigUInt64BE(20));
}

export function writeFloor(crypto: CryptoProvider, block: Buffer, floor: number): void {
  block.writeBigUInt64BE(BigInt(floor), 20);
  check(crypto, block.subarray(20, 28)).copy(block, 28);
}

/** Unix milliseconds; a message as old may have been forgotten by this block: one that is full has kept the youngest. */
export function floorOf(crypto: CryptoProvider, block: Buffer, places: number): number {
  const dates = Array.from(
    { length: places },
    (_, place) => readEntry(crypto, block.subarray((place + 1) * ENTRY))?.timestamp ?? 0,
  );
  return Math.max(readFloor(crypto, block), Math.min(...dates));
}

/** Bytes of one client's block. */
export function blockLength({ places }: Pick<Layout, 'places'>): number {
  return (places + 1) * ENTRY;
}

/** Bytes of the file. */
export function fileLength(layout: Layout): number {
  return SECTOR + layout.blocks * blockLength(layout);
}

/** The first 4 bytes of SHA-256: enough against a torn write. */
export function check(crypto: CryptoProvider, bytes: Uint8Array): Buffer {
  return Buffer.from(crypto.sha256(bytes).subarray(0, 4));
}

function isChecked(crypto: CryptoProvider, bytes: Buffer, length: number): boolean {
  return bytes.subarray(length, length + 4).equals(check(crypto, bytes.subarray(0, length)));
}

/** True for a slot that was never written: no entry is from 1970. */
function isEmpty(entry: Buffer): boolean {
  return entry.readUInt32BE() === 0 && entry.readUInt32BE(4) === 0;
}
