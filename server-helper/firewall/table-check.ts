import type { Heartbeat } from './firewall.ts';

/** Milliseconds after which the table is looked at though nobody is known to have changed any rules. */
const AT_LEAST_EVERY = 60_000;
/** Milliseconds between two looks for the sake of changes that were heard of. */
const AT_MOST_EVERY = 2000;

/** What a check is given. */
export interface CheckParts {
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** Whether it would be known if somebody had changed something. */
  readonly isWatched: () => boolean;
  /** The table as text, the same as long as it is as armed; undefined when there is none. */
  readonly read: () => Promise<string | undefined>;
  /** Whether the kernel still knows the tags that it was given. */
  readonly hasTags: () => Promise<boolean>;
}

/** Whether the table still is as it was armed: found out when there is a reason to doubt it, and now and then without one. */
export class TableCheck {
  private readonly parts: CheckParts;
  private armed: string | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private doubtful = true;

  constructor(parts: CheckParts) {
    this.parts = parts;
  }

  /** To be called when the table is as it should be. */
  async remember(): Promise<void> {
    this.lookedAt = this.parts.steady();
    this.doubtful = false;
    this.armed = await this.parts.read();
  }

  /** Something may have happened. @returns milliseconds after which to look */
  doubt(): number {
    this.doubtful = true;
    return Math.max(0, this.lookedAt + AT_MOST_EVERY - this.parts.steady());
  }

  /** Whether it is time to look. */
  get isDue(): boolean {
    return this.doubtful || !this.parts.isWatched() || this.parts.steady() - this.lookedAt > AT_LEAST_EVERY;
  }

  async look(): Promise<Heartbeat> {
    this.lookedAt = this.parts.steady();
    // What happens while this looks is a reason to look again.
    this.doubtful = false;
    const found = await this.found();
    // Doubted until it is remembered anew: restoring it can fail.
    if (found !== 'intact') this.doubtful = true;
    return found;
  }

  private async found(): Promise<Heartbeat> {
    const table = await this.parts.read().catch(() => undefined);
    if (table === undefined) return 'gone';
    return table === this.armed && (await this.parts.hasTags()) ? 'intact' : 'changed';
  }
}
