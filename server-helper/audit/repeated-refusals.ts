import type { Audit, AuditEntry } from './audit.ts';

/** Length of a period, in milliseconds. */
const PERIOD = 60_000;
/** Most kinds of refusals that are counted separately: clients and stanzas of gate.toml times reasons. All others are one kind. */
const MOST_KINDS = 1000;

interface Kind {
  readonly like: AuditEntry;
  written: number;
  /** Refusals since the last line. */
  more: number;
}

/**
 * Writes repeated refusals as one line a minute. Anybody who has one old packet of a client can send it for ever, with any source;
 * a line for each copy would push everything else out of the journal.
 */
export class RepeatedRefusals {
  private readonly write: Audit;
  private readonly steady: () => number;
  private readonly inFull: () => number;
  private readonly kinds = new Map<string, Kind>();
  private since: number;

  /**
   * @param steady milliseconds that never jump
   * @param inFull how many refusals of one client and one reason are written one by one within a period; asked each time
   */
  constructor(write: Audit, steady: () => number, inFull: () => number) {
    this.write = write;
    this.steady = steady;
    this.inFull = inFull;
    this.since = steady();
  }

  /** Audit log that counts refusals, and passes on everything else. */
  readonly audit: Audit = (entry) => {
    if (entry.event !== 'refused') {
      this.write(entry);
      return;
    }
    this.second();
    const kind = this.kindOf(entry);
    if (kind.written < this.inFull()) {
      kind.written += 1;
      this.write(entry);
    } else kind.more += 1;
  };

  /** Ends a period when it is over. Called every second. */
  second(): void {
    if (this.kinds.size > 0 && this.steady() - this.since >= PERIOD) this.flush();
    if (this.kinds.size === 0) this.since = this.steady();
  }

  /** Writes the refusals that were only counted so far. Called before the daemon ends. */
  flush(): void {
    const seconds = Math.round((this.steady() - this.since) / 1000);
    for (const { like, more } of this.kinds.values()) {
      const { client, reason } = like;
      if (more > 0)
        this.write({ event: 'refused', ...(client && { client }), ...(reason && { reason }), count: more, seconds });
    }
    this.kinds.clear();
    this.since = this.steady();
  }

  private kindOf(entry: AuditEntry): Kind {
    const { client = '', reason = '' } = entry;
    const isOneTooMany = this.kinds.size >= MOST_KINDS && !this.kinds.has(`${client} ${reason}`);
    const key = isOneTooMany ? '' : `${client} ${reason}`;
    const kind = this.kinds.get(key) ?? { like: isOneTooMany ? { event: 'refused' } : entry, written: 0, more: 0 };
    this.kinds.set(key, kind);
    return kind;
  }
}
