import { type Address, isIPv4 } from '../../src/base/addresses.ts';
import { AEAD_TAG_LENGTH } from '../../src/spa/message.ts';
import type { RememberedClient, ReplayStore } from './replay-file.ts';
import type { ReplayEntry } from './replay-layout.ts';

/** Result of the check `replayed` for a message. */
export type ReplayCheck =
  | {
      readonly fresh: true;
      /** The check `state-degraded`: resolves once the record is on disk: true; or cannot be: false. */
      readonly durable: Promise<boolean>;
    }
  | {
      readonly fresh: false;
      readonly reason: 'replayed' | 'state-degraded';
      /** Set where it is not the message that was seen before. */
      readonly detail?: string;
    };

/**
 * The checks `replayed` and `state-degraded` of protocol.md. Every accepted message is remembered until its place is needed for a newer one, and nothing as
 * old as one that was forgotten is ever taken again. So it holds whatever the clock does, and however the tolerance is
 * changed: the floor of `replayed` follows from what was forgotten rather than from the clock, and a clock that was ahead for a
 * while locks nobody out.
 */
export class ReplayRecord {
  /** Whether the disk took the last record. */
  degraded: boolean;
  private readonly writing = new Set<Promise<boolean>>();
  /** Records that the disk did not take, by their place there, to be written when it takes something again. */
  private readonly unwritten = new Map<string, () => Promise<void>>();
  private readonly clients = new Map<string, ClientRecord>();
  /** The newest message accepted of each client, for each address family. */
  private readonly newest: Map<string, Newest>;
  /** The newest message of each client that was accepted before this record began; unix milliseconds. */
  private readonly newestOnDisk = new Map<string, number>();
  private readonly store: ReplayStore;
  private startedAt: number;
  /** Unix milliseconds: nothing as old as this is taken, since nobody knows whether it was used. */
  private unknownUntil = 0;

  /**
   * @param startedAt unix milliseconds at which this process began: without a working disk nothing older is taken
   * @param previous the record that this one takes the place of, in the same process
   */
  constructor(store: ReplayStore, startedAt: number, previous?: ReplayRecord) {
    this.store = store;
    this.startedAt = startedAt;
    this.newest = previous?.newest ?? new Map();
    this.unknownUntil = previous?.unknownUntil ?? 0;
    this.degraded = !store.usable;
  }

  /**
   * @param client public key
   * @param timestamp unix milliseconds
   * @param source where the message came from; undefined where clients share a key, and so may be at several places at once
   */
  accept(client: Uint8Array, timestamp: number, aeadTag: Uint8Array, source?: Address): ReplayCheck {
    const record = this.recordOf(client);
    if (this.degraded && !this.takesUnrecorded(timestamp)) return { fresh: false, reason: 'state-degraded' };
    // Before the store was made nothing is known: a deleted file must not make old packets new again.
    if (timestamp <= this.store.createdAt)
      return { fresh: false, reason: 'replayed', detail: 'older than the replay record' };
    if (timestamp <= this.unknownUntil)
      return { fresh: false, reason: 'replayed', detail: 'older than the record of used tags' };
    if (isKnown(record, aeadTag)) return { fresh: false, reason: 'replayed' };
    const place = placeFor(record);
    if (timestamp <= Math.max(record.floor, record.timestamps[place] ?? 0))
      return { fresh: false, reason: 'replayed', detail: 'older than the messages that are remembered' };
    if (source !== undefined) {
      if (this.isLeftOver(client, timestamp, source))
        return { fresh: false, reason: 'replayed', detail: 'older than a message accepted from another address' };
      this.noteNewest(client, timestamp, source);
    }
    record.timestamps[place] = timestamp;
    record.tags.set(aeadTag, place * AEAD_TAG_LENGTH);
    return { fresh: true, durable: this.remember(record.block, place, { timestamp, aeadTag }) };
  }

  /**
   * The wall clock was set: what was dated by it is dated anew.
   * @param byMs milliseconds, negative when it was set back
   * @param now unix milliseconds
   */
  clockWasSet(byMs: number, now: number): void {
    this.startedAt += byMs;
    this.unknownUntil += byMs;
    this.store.clockWasSet(byMs, now);
    // A message that was accepted while the clock was ahead must not make older ones of all that are sent from now on.
    for (const [key, newest] of this.newest)
      if (newest.timestamp > now) this.newest.set(key, { ...newest, timestamp: now });
  }

  /** Refuses messages that were made before a time: the kernel has lost its record of used tags. @param time unix milliseconds */
  refuseBefore(time: number): void {
    this.unknownUntil = Math.max(this.unknownUntil, time);
  }

  /** Whether a message may be granted though the disk did not take its record: not one that another process may know. */
  takesUnrecorded(timestamp: number): boolean {
    return timestamp > this.startedAt;
  }

  /** Resolves when no record is on its way to the disk. */
  async settled(): Promise<void> {
    while (this.writing.size > 0) await Promise.all(this.writing);
  }

  /**
   * Whether a message was most likely seen on its way by somebody else, who sends it now: one attempt is several messages, and
   * those that never arrived are still good. The owner has moved on; from the owner's own address they may come out of order.
   */
  private isLeftOver(client: Uint8Array, timestamp: number, source: Address): boolean {
    const newest = this.newest.get(familyKey(client, source));
    if (newest !== undefined) return timestamp < newest.timestamp && Buffer.compare(newest.source, source) !== 0;
    // The disk knows what was accepted before a restart, and not from where. What was made since is believed: a client whose
    // clock was ahead must not be kept out until then.
    return timestamp < Math.min(this.newestOnDisk.get(keyOf(client)) ?? 0, this.startedAt);
  }

  private noteNewest(client: Uint8Array, timestamp: number, source: Address): void {
    const key = familyKey(client, source);
    if (timestamp >= (this.newest.get(key)?.timestamp ?? 0)) this.newest.set(key, { timestamp, source });
  }

  private remember(block: number, place: number, entry: ReplayEntry): Promise<boolean> {
    const written = this.write(block, place, entry).finally(() => this.writing.delete(written));
    this.writing.add(written);
    return written;
  }

  private async write(block: number, place: number, entry: ReplayEntry): Promise<boolean> {
    const write = (): Promise<void> => this.store.write(block, place, entry);
    try {
      await write();
    } catch {
      this.degraded = true;
      this.unwritten.set(`${block} ${place}`, write);
      return false;
    }
    this.unwritten.delete(`${block} ${place}`);
    this.degraded = !(await this.catchUp());
    return true;
  }

  /** A disk that took one record is asked to take those that it refused before. */
  private async catchUp(): Promise<boolean> {
    for (const [key, write] of this.unwritten) {
      try {
        await write();
        this.unwritten.delete(key);
      } catch {
        return false;
      }
    }
    return true;
  }

  private recordOf(client: Uint8Array): ClientRecord {
    const key = keyOf(client);
    const known = this.clients.get(key);
    if (known !== undefined) return known;
    const record = recordFrom(this.store.load(client));
    this.newestOnDisk.set(key, Math.max(...record.timestamps));
    this.clients.set(key, record);
    return record;
  }
}

/**
 * The messages that are remembered of one client, in places that are all there from its first message on: a gate must not grow with
 * each knock until they are full.
 */
interface ClientRecord {
  readonly block: number;
  readonly floor: number;
  /** Unix milliseconds by place; 0: free. */
  readonly timestamps: Float64Array;
  /** AEAD tags by place, one behind the other. */
  readonly tags: Buffer;
}

function recordFrom({ block, floor, entries }: RememberedClient): ClientRecord {
  const tags = Buffer.alloc(entries.length * AEAD_TAG_LENGTH);
  for (const [place, entry] of entries.entries()) tags.set(entry?.aeadTag ?? [], place * AEAD_TAG_LENGTH);
  return { block, floor, timestamps: Float64Array.from(entries, (entry) => entry?.timestamp ?? 0), tags };
}

function isKnown({ timestamps, tags }: ClientRecord, aeadTag: Uint8Array): boolean {
  for (let at = tags.indexOf(aeadTag); at >= 0; at = tags.indexOf(aeadTag, at + 1))
    if (at % AEAD_TAG_LENGTH === 0 && timestamps[at / AEAD_TAG_LENGTH] !== 0) return true;
  return false;
}

/** Of one client and family: unix milliseconds of the message, and where it came from. */
interface Newest {
  readonly timestamp: number;
  readonly source: Address;
}

function keyOf(client: Uint8Array): string {
  return Buffer.from(client).toString('latin1');
}

function familyKey(client: Uint8Array, source: Address): string {
  return `${isIPv4(source) ? 4 : 6} ${keyOf(client)}`;
}

/** A free place; when there is none, that of the oldest message. Whatever is forgotten is older than all that is kept. */
function placeFor({ timestamps }: ClientRecord): number {
  // A free place has 0, so it is older than all others.
  return timestamps.indexOf(Math.min(...timestamps));
}
