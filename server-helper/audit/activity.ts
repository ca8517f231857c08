import type { AuditEntry } from './audit.ts';

const HOUR_MS = 3_600_000;
/** Hours that are kept: those of a month in which something happened. Not by their age: a clock that jumps must not empty them. */
const MOST_HOURS = 31 * 24;
/** Counts of all hours together. */
const MOST_COUNTS = 8000;
/** Bytes of text that counts and visitors take in an answer, which stays below a megabyte. */
const MOST_BYTES = 950_000;
/** Bytes of an hourly count, with the longest reason; and those of a visitor beside its client and address. */
const COUNT_BYTES = 100;
const VISITOR_BYTES = 120;
/** Addresses of clients that are kept, those that came last. */
const MOST_VISITORS = 2000;
/** Kinds of events. There are some sixty; a damaged file could name more. */
const MOST_KINDS = 200;

/** Numbers of events of a kind, such as `granted` or `refused replayed`: the event, and its reason where it has one. */
type Counts = Map<string, number>;

/** A client at an address. */
export interface Visitor {
  readonly client: string;
  readonly address: string;
  /** Unix milliseconds of the first and the last grant. */
  readonly first: number;
  last: number;
  /** Grants. */
  knocks: number;
}

/** Events of one kind within an hour. */
export interface HourCount {
  /** Unix milliseconds of its beginning. */
  readonly hour: number;
  readonly event: string;
  readonly reason?: string;
  readonly count: number;
}

/** The activity as a file or an answer has it. */
export interface ActivityRecord {
  readonly hours: readonly HourCount[];
  readonly totals: readonly Omit<HourCount, 'hour'>[];
  readonly visitors: readonly Visitor[];
}

/**
 * Counts what the audit log tells, hour by hour, so that a month of it can be shown without reading the log. Only authentic knocks
 * make a visitor: anybody can forge the source of a refused one.
 */
export class Activity {
  /** In the order in which they came: after a clock was set back, that is not the order of their times. */
  private readonly hours = new Map<number, Counts>();
  private counts = 0;
  /** Since the file was begun: counters that only grow. */
  private readonly totals: Counts = new Map();
  /** The one that came last is at the end. */
  private readonly visitors = new Map<string, Visitor>();
  private visitorBytes = 0;
  private changes = 0;

  constructor(record?: ActivityRecord) {
    for (const { hour, count, ...kind } of record?.hours ?? []) this.addAt(hour, keyOf(kind), count);
    for (const { count, ...kind } of record?.totals ?? []) add(this.totals, keyOf(kind), count);
    for (const visitor of record?.visitors ?? []) this.keep({ ...visitor });
    this.trim();
  }

  /** Grows with every change. */
  get version(): number {
    return this.changes;
  }

  /**
   * Counts a line of the log, which may be one for several refusals.
   * @param now its time, unix milliseconds
   */
  note(entry: AuditEntry, now: number): void {
    this.changes += 1;
    const key = keyOf(entry);
    const { event, client, source, count = 1 } = entry;
    add(this.totals, key, count);
    this.addAt(now - (now % HOUR_MS), key, count);
    if (event === 'granted' && client !== undefined && source !== undefined) this.visit(client, source, now);
    this.trim();
  }

  /** Whether the client of an entry was let in from its address before. */
  knows({ client = '', source = '' }: AuditEntry): boolean {
    return this.visitors.has(idOf({ client, address: source }));
  }

  record(): ActivityRecord {
    const hours = [...this.hours].sort(([a], [b]) => a - b);
    return {
      hours: hours.flatMap(([hour, counts]) => [...counts].map(([key, count]) => ({ hour, ...kindOf(key), count }))),
      totals: [...this.totals].map(([key, count]) => ({ ...kindOf(key), count })),
      visitors: [...this.visitors.values()].map((visitor) => ({ ...visitor })),
    };
  }

  private visit(client: string, address: string, now: number): void {
    const id = idOf({ client, address });
    const visitor = this.visitors.get(id) ?? { client, address, first: now, last: now, knocks: 0 };
    visitor.last = now;
    visitor.knocks += 1;
    this.keep(visitor);
  }

  /** Puts it at the end. */
  private keep(visitor: Visitor): void {
    const id = idOf(visitor);
    this.forget(id);
    this.visitors.set(id, visitor);
    this.visitorBytes += id.length + VISITOR_BYTES;
  }

  private forget(id: string): void {
    if (this.visitors.delete(id)) this.visitorBytes -= id.length + VISITOR_BYTES;
  }

  private addAt(hour: number, key: string, count: number): void {
    const counts = this.hours.get(hour) ?? new Map<string, number>();
    this.hours.set(hour, counts);
    const before = counts.size;
    add(counts, key, count);
    this.counts += counts.size - before;
  }

  private trim(): void {
    for (const [oldest, { size }] of this.hours) {
      if (this.hours.size <= MOST_HOURS && this.counts <= MOST_COUNTS) break;
      this.hours.delete(oldest);
      this.counts -= size;
    }
    for (const oldest of this.visitors.keys()) {
      const bytes = this.counts * COUNT_BYTES + this.visitorBytes;
      if (this.visitors.size <= MOST_VISITORS && bytes <= MOST_BYTES) break;
      this.forget(oldest);
    }
  }
}

function add(counts: Counts, key: string, count: number): void {
  if (counts.size >= MOST_KINDS && !counts.has(key)) return;
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function keyOf({ event, reason }: Pick<AuditEntry, 'event' | 'reason'>): string {
  return reason === undefined ? event : `${event} ${reason}`;
}

function kindOf(key: string): { event: string; reason?: string } {
  const [event = '', ...reason] = key.split(' ');
  return reason.length === 0 ? { event } : { event, reason: reason.join(' ') };
}

function idOf({ client, address }: Pick<Visitor, 'client' | 'address'>): string {
  return `${address} ${client}`;
}
