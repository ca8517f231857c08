import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, rmSync, write, writeSync } from 'node:fs';
import type { CryptoProvider } from '../../src/spa/crypto.ts';

/** An accepted message, as remembered: unix milliseconds, and the 16 bytes of its AEAD tag. */
export interface ReplayEntry {
  readonly timestamp: number;
  readonly aeadTag: Uint8Array;
}

/** Where accepted messages are remembered over a restart. */
export interface ReplayStore {
  /** Whether the disk gave a file at all. */
  readonly usable: boolean;
  /** Unix milliseconds; what was accepted before is not known. */
  readonly createdAt: number;
  /** What is remembered of a client, with its place. `entries` has a fixed length. */
  load(client: Uint8Array): { readonly block: number; readonly entries: (ReplayEntry | undefined)[] };
  /** Resolves once the entry is on disk. */
  write(block: number, place: number, entry: ReplayEntry): Promise<void>;
  close(): void;
}

/*
 * The file: a header of one disk sector, then one block for each client. It is allocated whole and written in place, so that a
 * full disk does not matter. Every entry has 32 bytes and so never straddles two sectors: it is written whole or not at all.
 *
 *   header  "knockgate replay\n" | u8 1 | u16 places | u32 blocks | u64 created (unix ms) | check (4)
 *   block   client id (16) | check (4) | zeros (12), then `places` entries
 *   entry   u64 timestamp (unix ms) | AEAD tag (16) | check (4) | zeros (4)
 *
 * check: the first 4 bytes of SHA-256 over what precedes it in its record.
 */
const MAGIC = 'knockgate replay\n';
const SECTOR = 512;
const ENTRY = 32;
/** The file grows by so many blocks. */
const BLOCKS = 64;
const NO_BLOCK = -1;

interface Layout {
  readonly places: number;
  readonly blocks: number;
  readonly createdAt: number;
}

/** What is asked of the file. */
export interface ReplayFileOptions {
  readonly path: string;
  /** Public keys of all clients: their blocks are allocated at once. */
  readonly clients: readonly Uint8Array[];
  /** Messages to remember for each client. */
  readonly places: number;
  /** Unix milliseconds. */
  readonly now: number;
  readonly crypto: CryptoProvider;
}

/**
 * Opens or makes the replay file. A damaged one is set aside and a new one made, which takes nothing older than itself.
 * @throws a system error when the disk takes no file: see `memoryStore`
 */
export function openReplayFile(options: ReplayFileOptions): ReplayStore {
  const old = readExisting(options);
  const file = old !== undefined && old.layout.places >= options.places ? old : makeFile(options, old);
  return new ReplayFile(options, file.layout, file.bytes);
}

/** The store of a gate whose disk takes nothing: it remembers for as long as the process lives. */
export function memoryStore(places: number): ReplayStore {
  let blocks = 0;
  return {
    usable: false,
    createdAt: 0,
    load: () => ({ block: blocks++, entries: new Array<undefined>(places).fill(undefined) }),
    write: () => Promise.reject(new Error('no replay file')),
    close: () => {},
  };
}

interface FileContents {
  readonly layout: Layout;
  readonly bytes: Buffer;
}

function readExisting({ path, crypto }: ReplayFileOptions): FileContents | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const layout = readHeader(crypto, bytes);
  if (layout !== undefined) return { layout, bytes };
  renameSync(path, `${path}.damaged`);
  return undefined;
}

function readHeader(crypto: CryptoProvider, bytes: Buffer): Layout | undefined {
  const length = MAGIC.length + 15;
  if (bytes.length < SECTOR || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (!bytes.subarray(length, length + 4).equals(check(crypto, bytes.subarray(0, length)))) return undefined;
  const layout = {
    places: bytes.readUInt16BE(MAGIC.length + 1),
    blocks: bytes.readUInt32BE(MAGIC.length + 3),
    createdAt: Number(bytes.readBigUInt64BE(MAGIC.length + 7)),
  };
  // Longer than it says: growing it was broken off before the header followed.
  const believable = bytes[MAGIC.length] === 1 && bytes.length >= fileLength(layout);
  return believable ? layout : undefined;
}

/** Makes a file of its own beside the old one and moves it there, so that a crash leaves one or the other, whole. */
function makeFile(options: ReplayFileOptions, old: FileContents | undefined): FileContents {
  const layout = {
    places: options.places,
    blocks: Math.max(old?.layout.blocks ?? 0, roundUp(options.clients.length)),
    createdAt: old?.layout.createdAt ?? options.now,
  };
  const bytes = Buffer.alloc(fileLength(layout));
  writeHeader(options.crypto, bytes, layout);
  if (old !== undefined) {
    const [from, to] = [blockLength(old.layout), blockLength(layout)];
    for (let i = 0; i < old.layout.blocks; i++)
      old.bytes.copy(bytes, SECTOR + i * to, SECTOR + i * from, SECTOR + (i + 1) * from);
  }
  const temporary = `${options.path}.new`;
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeWhole(fd, bytes, 0);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, options.path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return { layout, bytes };
}

function writeHeader(crypto: CryptoProvider, bytes: Buffer, layout: Layout): void {
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt8(1, MAGIC.length);
  bytes.writeUInt16BE(layout.places, MAGIC.length + 1);
  bytes.writeUInt32BE(layout.blocks, MAGIC.length + 3);
  bytes.writeBigUInt64BE(BigInt(layout.createdAt), MAGIC.length + 7);
  const length = MAGIC.length + 15;
  check(crypto, bytes.subarray(0, length)).copy(bytes, length);
}

class ReplayFile implements ReplayStore {
  readonly usable = true;
  readonly createdAt: number;
  private readonly fd: number;
  private layout: Layout;
  private readonly crypto: CryptoProvider;
  private readonly blockOf = new Map<string, number>();
  private readonly taken = new Set<number>();
  private firstFree = 0;
  private readonly remembered: Buffer;

  constructor(options: ReplayFileOptions, layout: Layout, bytes: Buffer) {
    this.crypto = options.crypto;
    this.layout = layout;
    this.createdAt = layout.createdAt;
    this.remembered = bytes;
    // O_DSYNC: one call writes and waits for the disk.
    this.fd = openSync(options.path, constants.O_RDWR | constants.O_DSYNC);
    try {
      for (let block = 0; block < layout.blocks; block++) {
        const record = bytes.subarray(this.offset(block, -1), this.offset(block, -1) + 20);
        if (!record.subarray(16).equals(check(this.crypto, record.subarray(0, 16)))) continue;
        this.blockOf.set(record.toString('latin1', 0, 16), block);
        this.taken.add(block);
      }
      for (const client of options.clients) this.allocate(client);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  load(client: Uint8Array): { block: number; entries: (ReplayEntry | undefined)[] } {
    const block = this.blockOf.get(this.idOf(client).toString('latin1'));
    // Enrolled while the disk took nothing: remembered in memory alone.
    if (block === undefined)
      return { block: NO_BLOCK, entries: new Array<undefined>(this.layout.places).fill(undefined) };
    const entries = Array.from({ length: this.layout.places }, (_, place) => this.entryAt(this.offset(block, place)));
    return { block, entries };
  }

  write(block: number, place: number, entry: ReplayEntry): Promise<void> {
    const record = Buffer.alloc(ENTRY);
    record.writeBigUInt64BE(BigInt(entry.timestamp));
    record.set(entry.aeadTag, 8);
    check(this.crypto, record.subarray(0, 24)).copy(record, 24);
    if (block === NO_BLOCK) return Promise.reject(new Error('replay file: no place for this client'));
    return new Promise((resolve, reject) => {
      write(this.fd, record, 0, ENTRY, this.offset(block, place), (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Gives a client its block: at start, so that no disk is asked for space when somebody knocks. */
  private allocate(client: Uint8Array): void {
    const id = this.idOf(client);
    if (this.blockOf.has(id.toString('latin1'))) return;
    // Not simply behind the last: where the head of a block is damaged, those behind it are in use all the same.
    while (this.taken.has(this.firstFree)) this.firstFree += 1;
    const block = this.firstFree;
    if (block >= this.layout.blocks) this.grow();
    const record = Buffer.alloc(ENTRY);
    id.copy(record);
    check(this.crypto, id).copy(record, 16);
    writeWhole(this.fd, record, this.offset(block, -1));
    this.blockOf.set(id.toString('latin1'), block);
    this.taken.add(block);
  }

  private grow(): void {
    const larger = { ...this.layout, blocks: this.layout.blocks + BLOCKS };
    writeWhole(this.fd, Buffer.alloc(BLOCKS * blockLength(larger)), fileLength(this.layout));
    const header = Buffer.alloc(SECTOR);
    writeHeader(this.crypto, header, larger);
    writeWhole(this.fd, header, 0);
    this.layout = larger;
  }

  private entryAt(offset: number): ReplayEntry | undefined {
    const record = this.remembered.subarray(offset, offset + ENTRY);
    // A block added since the file was read is empty; an entry whose check fails was never granted.
    if (record.length < ENTRY || !record.subarray(24, 28).equals(check(this.crypto, record.subarray(0, 24))))
      return undefined;
    return { timestamp: Number(record.readBigUInt64BE()), aeadTag: Uint8Array.from(record.subarray(8, 24)) };
  }

  /** @param place -1 for the head of the block */
  private offset(block: number, place: number): number {
    return SECTOR + block * blockLength(this.layout) + (place + 1) * ENTRY;
  }

  private idOf(client: Uint8Array): Buffer {
    return Buffer.from(this.crypto.sha256(client).subarray(0, 16));
  }
}

/** Writes all of it, or throws: a disk that is nearly full takes a part and calls that done. */
function writeWhole(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

function blockLength({ places }: Pick<Layout, 'places'>): number {
  return (places + 1) * ENTRY;
}

function fileLength(layout: Layout): number {
  return SECTOR + layout.blocks * blockLength(layout);
}

function roundUp(clients: number): number {
  return Math.max(Math.ceil(clients / BLOCKS), 1) * BLOCKS;
}

function check(crypto: CryptoProvider, bytes: Uint8Array): Buffer {
  return Buffer.from(crypto.sha256(bytes).subarray(0, 4));
}
