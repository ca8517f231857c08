import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  write,
  writeSync,
} from 'node:fs';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import {
  BOOT_LENGTH,
  blockLength,
  check,
  ENTRY,
  entryBytes,
  fileLength,
  floorOf,
  type Layout,
  type ReplayEntry,
  readEntry,
  readFloor,
  readHeader,
  SECTOR,
  writeFloor,
  writeHeader,
} from './replay-layout.ts';

/** Accepted messages of one client. */
export interface RememberedClient {
  /** Its place in the store. */
  readonly block: number;
  /** Of a fixed length; undefined: free. */
  readonly entries: (ReplayEntry | undefined)[];
  /** Unix milliseconds; a message as old may have been forgotten when the file was made larger. */
  readonly floor: number;
}

/** Keeps accepted messages over a restart. */
export interface ReplayStore {
  /** Whether the disk gave a file at all. */
  readonly usable: boolean;
  /** Unix milliseconds; what was accepted before is not known. */
  readonly createdAt: number;
  /** Makes room for these clients. @returns false when the store has to be opened anew for that */
  makeRoom(clients: readonly Uint8Array[], places: number): boolean;
  /** Reads what the file has of a client. */
  load(client: Uint8Array): RememberedClient;
  /** Resolves once the entry is on disk. */
  write(block: number, place: number, entry: ReplayEntry): Promise<void>;
  /**
   * The wall clock was set: the store was made at another time than it says.
   * @param byMs milliseconds, negative when it was set back
   * @param now unix milliseconds
   */
  clockWasSet(byMs: number, now: number): void;
  close(): void;
}

/** Requirements on the file. */
export interface ReplayFileOptions {
  readonly path: string;
  /** Public keys of all clients: their blocks are allocated at once. */
  readonly clients: readonly Uint8Array[];
  /** Messages to remember for each client. */
  readonly places: number;
  /** Unix milliseconds. */
  readonly now: number;
  /** Id of this boot, 16 bytes; undefined when unknown, which counts as another boot than the file's. */
  readonly boot: Uint8Array | undefined;
  readonly crypto: CryptoProvider;
}

/** The file grows by so many blocks. */
const BLOCKS = 64;
const NO_BLOCK = -1;
const NO_BOOT = new Uint8Array(BOOT_LENGTH);

/**
 * Opens or makes the replay file. A damaged one is set aside and a new one made, which takes nothing older than itself. One of
 * another boot may come from a snapshot or a backup, older than what was accepted since: nothing older than this moment is taken.
 * @throws a system error when the disk takes no file: see `memoryStore`
 */
export function openReplayFile(options: ReplayFileOptions): ReplayStore {
  const old = readExisting(options);
  const file = old !== undefined && old.layout.places >= options.places ? old : makeFile(options, old);
  return new ReplayFile(options, file);
}

/** The store of a gate whose disk takes nothing: it remembers for as long as the process lives. */
export function memoryStore(places: number): ReplayStore {
  let blocks = 0;
  return {
    usable: false,
    createdAt: 0,
    makeRoom: () => false,
    load: () => ({ block: blocks++, floor: 0, entries: new Array<undefined>(places).fill(undefined) }),
    write: () => Promise.reject(new Error('no replay file')),
    clockWasSet: () => {},
    close: () => {},
  };
}

interface FileContents {
  readonly layout: Layout;
  readonly bytes: Buffer;
}

function readExisting({ path, crypto, now, boot = NO_BOOT }: ReplayFileOptions): FileContents | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const layout = readHeader(crypto, bytes);
  if (layout !== undefined) {
    const isOfAnotherBoot = boot === NO_BOOT || Buffer.compare(layout.boot, boot) !== 0;
    // A file from the future was made while the clock was ahead: believed, its date would lock everybody out until then.
    const createdAt = isOfAnotherBoot ? now : Math.min(layout.createdAt, now);
    return { layout: { ...layout, createdAt, boot }, bytes };
  }
  renameSync(path, `${path}.damaged`);
  return undefined;
}

/** Makes a file of its own beside the old one and moves it there, so that a crash leaves one or the other, whole. */
function makeFile(options: ReplayFileOptions, old: FileContents | undefined): FileContents {
  const { crypto } = options;
  const layout = {
    places: options.places,
    blocks: Math.max(old?.layout.blocks ?? 0, roundUp(options.clients.length)),
    createdAt: old?.layout.createdAt ?? options.now,
    boot: options.boot ?? NO_BOOT,
  };
  const bytes = Buffer.alloc(fileLength(layout));
  writeHeader(crypto, bytes, layout);
  if (old !== undefined) {
    for (let i = 0; i < old.layout.blocks; i++) copyBlock(crypto, old, layout, bytes, i);
  }
  const temporary = `${options.path}.new`;
  try {
    // Another user's folder, when root runs the daemon by hand: never through a link that was laid there.
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, 'wx', 0o600);
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

/** A full block has forgotten messages; the larger one, which is not full, has to be told how young they were. */
function copyBlock(crypto: CryptoProvider, old: FileContents, layout: Layout, bytes: Buffer, i: number): void {
  const from = blockLength(old.layout);
  const block = old.bytes.subarray(SECTOR + i * from, SECTOR + (i + 1) * from);
  const target = bytes.subarray(SECTOR + i * blockLength(layout));
  block.copy(target);
  writeFloor(crypto, target, floorOf(crypto, block, old.layout.places));
}

class ReplayFile implements ReplayStore {
  readonly usable = true;
  private readonly fd: number;
  private layout: Layout;
  private readonly crypto: CryptoProvider;
  private readonly blockOf = new Map<string, number>();
  private readonly taken = new Set<number>();
  private firstFree = 0;
  private readonly remembered: Buffer;
  private readonly path: string;
  /** Keys of clients that have a block. */
  private readonly placed = new WeakSet<Uint8Array>();

  constructor(options: ReplayFileOptions, { layout, bytes }: FileContents) {
    this.crypto = options.crypto;
    this.path = options.path;
    this.layout = layout;
    this.remembered = bytes;
    // O_DSYNC: one call writes and waits for the disk.
    this.fd = openSync(options.path, constants.O_RDWR | constants.O_DSYNC | constants.O_NOFOLLOW);
    try {
      for (let block = 0; block < layout.blocks; block++) {
        const head = bytes.subarray(this.offset(block, -1), this.offset(block, -1) + 20);
        if (!head.subarray(16).equals(check(this.crypto, head.subarray(0, 16)))) continue;
        this.blockOf.set(head.toString('latin1', 0, 16), block);
        this.taken.add(block);
      }
      this.writeHeader();
      this.allocateAll(options.clients);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  makeRoom(clients: readonly Uint8Array[], places: number): boolean {
    if (places > this.layout.places || !this.isInPlace()) return false;
    try {
      this.allocateAll(clients);
      return true;
    } catch {
      // Opening it anew finds out what the disk still takes, and says so.
      return false;
    }
  }

  get createdAt(): number {
    return this.layout.createdAt;
  }

  load(client: Uint8Array): RememberedClient {
    const { places } = this.layout;
    const block = this.blockOf.get(this.idOf(client).toString('latin1'));
    // Enrolled while the disk took nothing: remembered in memory alone.
    if (block === undefined)
      return { block: NO_BLOCK, floor: 0, entries: new Array<undefined>(places).fill(undefined) };
    // A block that was added since the file was read is empty.
    const bytes = this.remembered.subarray(this.offset(block, -1), this.offset(block + 1, -1));
    const entryAt = (place: number) => readEntry(this.crypto, bytes.subarray((place + 1) * ENTRY));
    const entries = Array.from({ length: places }, (_, place) => entryAt(place));
    return { block, entries, floor: readFloor(this.crypto, bytes) };
  }

  write(block: number, place: number, entry: ReplayEntry): Promise<void> {
    if (block === NO_BLOCK) return Promise.reject(new Error('replay file: no place for this client'));
    const bytes = entryBytes(this.crypto, entry);
    return new Promise((resolve, reject) => {
      write(this.fd, bytes, 0, ENTRY, this.offset(block, place), (error) => (error ? reject(error) : resolve()));
    });
  }

  clockWasSet(byMs: number, now: number): void {
    // It was dated in this boot, by the clock that has been set. No date may lie in the future: it would lock everybody out until then.
    this.layout = { ...this.layout, createdAt: Math.min(this.layout.createdAt + byMs, now) };
    try {
      this.writeHeader();
    } catch {
      // The next record says that the disk takes nothing; until then this process knows better than its file.
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Whether the file is the one that the path leads to. */
  private isInPlace(): boolean {
    const [open, named] = [fstatSync(this.fd), statSync(this.path, { throwIfNoEntry: false })];
    return open.ino === named?.ino && open.dev === named.dev;
  }

  private allocateAll(clients: readonly Uint8Array[]): void {
    const fresh = clients.filter((client) => !this.placed.has(client));
    if (fresh.length === 0) return;
    // The disk is waited for once, not at each of thousands of blocks.
    const fd = openSync(this.path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      const written = fresh.filter((client) => this.allocate(client, fd));
      if (written.length > 0) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    for (const client of fresh) this.placed.add(client);
  }

  /**
   * Gives a client its block: at start, so that no disk is asked for space when somebody knocks.
   * @returns whether it had none before
   */
  private allocate(client: Uint8Array, fd: number): boolean {
    const id = this.idOf(client);
    if (this.blockOf.has(id.toString('latin1'))) return false;
    // Not simply behind the last: where the head of a block is damaged, those behind it are in use all the same.
    while (this.taken.has(this.firstFree)) this.firstFree += 1;
    const block = this.firstFree;
    if (block >= this.layout.blocks) this.grow();
    const head = Buffer.alloc(ENTRY);
    id.copy(head);
    check(this.crypto, id).copy(head, 16);
    writeWhole(fd, head, this.offset(block, -1));
    this.blockOf.set(id.toString('latin1'), block);
    this.taken.add(block);
    return true;
  }

  private grow(): void {
    const larger = { ...this.layout, blocks: this.layout.blocks + BLOCKS };
    writeWhole(this.fd, Buffer.alloc(BLOCKS * blockLength(larger)), fileLength(this.layout));
    this.layout = larger;
    this.writeHeader();
  }

  private writeHeader(): void {
    const header = Buffer.alloc(SECTOR);
    writeHeader(this.crypto, header, this.layout);
    writeWhole(this.fd, header, 0);
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

function roundUp(clients: number): number {
  return Math.max(Math.ceil(clients / BLOCKS), 1) * BLOCKS;
}
