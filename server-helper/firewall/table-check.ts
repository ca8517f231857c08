import { isDeepStrictEqual } from 'node:util';
import type { FirewallPlan, Heartbeat } from './firewall.ts';

/** Milliseconds between two looks at the table: what somebody changes is put back within about as many. */
const LOOK_EVERY = 3000;
/** A look may take this part of the time: where other programs have thousands of rules, listing them takes long. */
const LEAST_PAUSE = 100;
/** Milliseconds between two looks at the most: while somebody's flush goes unnoticed, the ports are open. */
const AT_LEAST_EVERY = 8000;

export interface CheckParts {
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** Called before each look. */
  readonly lookAround: () => Promise<void>;
  /**
   * The table as text, the same as long as it is as armed; undefined when there is none.
   * @param isUrgent whether somebody waits for it
   */
  readonly read: (isUrgent: boolean) => Promise<string | undefined>;
  /** Whether the kernel still has the tags that it was given. */
  readonly hasTags: () => Promise<boolean>;
}

/** Whether the table still is as it was armed. Looks often, as long as that costs next to nothing. */
export class TableCheck {
  private readonly parts: CheckParts;
  private armed: string | undefined;
  private plan: FirewallPlan | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private pause = LOOK_EVERY;
  private doubtful = true;

  constructor(parts: CheckParts) {
    this.parts = parts;
  }

  /** To be called when the table is as this plan asks for. */
  async remember(plan: FirewallPlan): Promise<void> {
    this.lookedAt = this.parts.steady();
    this.doubtful = false;
    this.plan = plan;
    await this.parts.lookAround();
    this.armed = await this.parts.read(true);
  }

  /** Something failed that works as long as the table is there: look at the next occasion. */
  doubt(): void {
    this.doubtful = true;
  }

  /** Whether the table is as a plan asks for already. The next look comes when it would have come. */
  async isAs(plan: FirewallPlan): Promise<boolean> {
    return isDeepStrictEqual(plan, this.plan) && (await this.find(true)) === 'intact';
  }

  /** Whether it is time to look. */
  get isDue(): boolean {
    return this.doubtful || this.parts.steady() - this.lookedAt >= this.pause;
  }

  async look(): Promise<Heartbeat> {
    const { steady, lookAround } = this.parts;
    this.lookedAt = steady();
    // What fails while this looks is a reason to look again.
    this.doubtful = false;
    await lookAround();
    const found = await this.find(false);
    this.pause = Math.min(AT_LEAST_EVERY, Math.max(LOOK_EVERY, LEAST_PAUSE * (steady() - this.lookedAt)));
    return found;
  }

  private async find(isUrgent: boolean): Promise<Heartbeat> {
    const table = await this.parts.read(isUrgent).catch(() => undefined);
    const isArmed = table !== undefined && table === this.armed && (await this.parts.hasTags());
    if (isArmed) return 'intact';
    // Doubted until it is remembered anew: restoring it can fail.
    this.doubtful = true;
    return table === undefined ? 'gone' : 'changed';
  }
}
