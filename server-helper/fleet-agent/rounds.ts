import type { Parcel } from '../../src/fleet/parcel.ts';
import { type Collector, collect } from './collect.ts';
import type { Verdict } from './hand-over.ts';
import type { Pace } from './pace.ts';
import type { Store } from './store.ts';

/** Milliseconds after which a parcel is handed over again though it is the same: the daemon may have lost it. */
const HAND_OVER_AGAIN = 300_000;

export interface RoundParts {
  readonly store: Store;
  readonly collector: Collector;
  readonly pace: Pace;
  readonly handOver: (parcel: Parcel) => Promise<Verdict>;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  readonly log: (line: string) => void;
}

/** Polls a store, and hands over what is new. */
export class Rounds {
  private readonly parts: RoundParts;
  private handedOver: { readonly parcel: string; readonly at: number } | undefined;
  private said = '';

  constructor(parts: RoundParts) {
    this.parts = parts;
  }

  /** One poll. @returns milliseconds until the next one is due */
  async poll(): Promise<number> {
    const { store, collector, pace, handOver, steady } = this.parts;
    try {
      const parcel = await collect(store, collector, steady);
      const text = JSON.stringify(parcel);
      const isDue = this.handedOver === undefined || steady() - this.handedOver.at >= HAND_OVER_AGAIN;
      if (isDue || this.handedOver?.parcel !== text) {
        this.say(inWords(await handOver(parcel)));
        this.handedOver = { parcel: text, at: steady() };
      }
      return pace.afterSuccess();
    } catch (error) {
      this.handedOver = undefined;
      this.say(`nothing was handed over: ${error instanceof Error ? error.message : String(error)}`);
      return pace.afterFailure();
    }
  }

  /** Says a line, unless it is the last one again. */
  private say(line: string): void {
    if (line !== this.said) this.parts.log(`${this.parts.store.name}: ${line}`);
    this.said = line;
  }
}

function inWords(verdict: Verdict): string {
  if (!verdict.isTaken) return `the daemon refused the parcel: ${verdict.why}`;
  const { root, head, alarms } = verdict;
  return [`head/${head} of root/${root} is in force`, ...alarms.map((alarm) => `alarm: ${alarm}`)].join('; ');
}
