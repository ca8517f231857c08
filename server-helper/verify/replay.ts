import type { ReplayEntry, ReplayStore } from './replay-file.ts';

/** What check 7 says of a message. */
export type ReplayCheck =
  | {
      readonly fresh: true;
      /** Check 9: resolves once the record is on disk: true; or cannot be: false. */
      readonly durable: Promise<boolean>;
    }
  | {
      readonly fresh: false;
      readonly reason: 'replayed' | 'state-degraded';
      /** Set where it is not the message that was seen before. */
      readonly detail?: string;
    };

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
  /** What the disk did not take, by its place there, to be written when it takes something again. */
  private readonly unwritten = new Map<string, () => Promise<void>>();
  private readonly clients = new Map<string, ClientRecord>();
  private readonly store: ReplayStore;
  private readonly toleranceMs: number;
  private readonly startedAt: number;

  /**
   * @param toleranceMs the gate's clock tolerance
   * @param startedAt unix milliseconds at which this process began: without a working disk nothing older is taken
   */
  constructor(store: ReplayStore, toleranceMs: number, startedAt: number) {
    this.store = store;
    this.toleranceMs = toleranceMs;
    this.startedAt = startedAt;
    this.degraded = !store.usable;
  }

  /**
   * Dates that lie ahead of the clock were written while it was wrong. They are not believed, or the client would be locked out
   * until then; the messages themselves stay refused.
   * @param client public key
   * @param timestamp unix milliseconds, within the tolerance of `now`
   */
  accept(client: Uint8Array, timestamp: number, aeadTag: Uint8Array, now: number): ReplayCheck {
    const record = this.recordOf(client);
    const { createdAt } = this.store;
    if (this.degraded && !this.takesUnrecorded(timestamp)) return { fresh: false, reason: 'state-degraded' };
    // Before the store was made nothing is known: a deleted file must not make old packets new again.
    if (timestamp <= createdAt && createdAt <= now)
      return { fresh: false, reason: 'replayed', detail: 'older than the replay record' };
    const known = record.entries.filter((entry) => entry !== undefined);
    if (known.some((entry) => Buffer.compare(entry.aeadTag, aeadTag) === 0))
      return { fresh: false, reason: 'replayed' };
    const believable = known.map((entry) => entry.timestamp).filter((accepted) => accepted <= now + this.toleranceMs);
    const highest = Math.max(0, ...believable);
    if (timestamp <= highest - 2 * this.toleranceMs)
      return { fresh: false, reason: 'replayed', detail: 'older than the messages that are remembered' };
    const floor = Math.max(highest, timestamp) - 2 * this.toleranceMs;
    const place = record.entries.findIndex((entry) => entry === undefined || entry.timestamp <= floor);
    if (place < 0) return { fresh: false, reason: 'replayed', detail: 'no room to remember it' };
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
    const key = Buffer.from(client).toString('latin1');
    const known = this.clients.get(key);
    if (known !== undefined) return known;
    const { block, entries } = this.store.load(client);
    const record = { block, entries };
    this.clients.set(key, record);
    return record;
  }
}
