import type { ReplayEntry, ReplayStore } from './replay-file.ts';

/** What check 7 says of a message. */
export type ReplayCheck =
  | {
      readonly fresh: true;
      /** Check 9: resolves once the record is on disk: true; or cannot be: false. */
      readonly durable: Promise<boolean>;
    }
  | { readonly fresh: false; readonly reason: 'replayed' | 'state-degraded' };

interface ClientRecord {
  /** One place for each message that may have to be remembered; undefined: free. */
  readonly entries: (ReplayEntry | undefined)[];
  /** Place of this client in the store. */
  readonly block: number;
}

/**
 * Checks 7 and 9 of protocol.md: each client's accepted messages, as a window that forgets only what its floor refuses
 * anyhow. The floor is the highest accepted timestamp less twice the tolerance, so genuine messages may arrive out of order.
 */
export class ReplayRecord {
  /** Whether the disk took the last record. */
  degraded: boolean;
  private readonly writing = new Set<Promise<boolean>>();
  private readonly clients = new Map<string, ClientRecord>();
  private readonly store: ReplayStore;
  private readonly windowMs: number;
  private readonly startedAt: number;

  /**
   * @param toleranceMs the gate's clock tolerance
   * @param startedAt unix milliseconds at which this process began: without a working disk nothing older is taken
   */
  constructor(store: ReplayStore, toleranceMs: number, startedAt: number) {
    this.store = store;
    this.windowMs = 2 * toleranceMs;
    this.startedAt = startedAt;
    this.degraded = !store.usable;
  }

  /**
   * @param client public key
   * @param timestamp unix milliseconds, within the tolerance
   */
  accept(client: Uint8Array, timestamp: number, aeadTag: Uint8Array): ReplayCheck {
    const record = this.recordOf(client);
    if (this.degraded && !this.takesUnrecorded(timestamp)) return { fresh: false, reason: 'state-degraded' };
    const highest = record.entries.reduce((most, entry) => Math.max(most, entry?.timestamp ?? 0), 0);
    const floor = highest - this.windowMs;
    // Before the store was made nothing is known: a deleted file must not make old packets new again.
    if (timestamp <= this.store.createdAt || timestamp <= floor) return { fresh: false, reason: 'replayed' };
    const seen = record.entries.some((entry) => entry !== undefined && Buffer.compare(entry.aeadTag, aeadTag) === 0);
    const newFloor = Math.max(timestamp - this.windowMs, floor);
    const place = record.entries.findIndex((entry) => entry === undefined || entry.timestamp <= newFloor);
    if (seen || place < 0) return { fresh: false, reason: 'replayed' };
    const entry = { timestamp, aeadTag };
    record.entries[place] = entry;
    return { fresh: true, durable: this.remember(record.block, place, entry) };
  }

  /** Whether a message may be granted though the disk did not take its record: not one that another process may know. */
  takesUnrecorded(timestamp: number): boolean {
    return timestamp > this.startedAt;
  }

  /** Resolves when no record is on its way to the disk. */
  async settled(): Promise<void> {
    while (this.writing.size > 0) await Promise.all(this.writing);
  }

  private remember(block: number, place: number, entry: ReplayEntry): Promise<boolean> {
    const written = this.write(block, place, entry).finally(() => this.writing.delete(written));
    this.writing.add(written);
    return written;
  }

  private async write(block: number, place: number, entry: ReplayEntry): Promise<boolean> {
    try {
      await this.store.write(block, place, entry);
      this.degraded = false;
    } catch {
      this.degraded = true;
    }
    return !this.degraded;
  }

  private recordOf(client: Uint8Array): ClientRecord {
    const key = Buffer.from(client).toString('latin1');
    const known = this.clients.get(key);
    if (known !== undefined) return known;
    const { block, entries } = this.store.load(client);
    const record = { block, entries };
    this.clients.set(key, record);
    return record;
  }
}
