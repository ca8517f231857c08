import type { Phrase } from '../../base/phrase.ts';

/** Meaning of a fact for a deployment. `ask`: it goes on only when a person says so. `stop`: it does not go on. */
export type Verdict = 'ok' | 'note' | 'ask' | 'stop';

/** One thing that was looked at, and what it means. */
export interface Finding {
  /** Stable, for programs. */
  readonly id: string;
  readonly verdict: Verdict;
  readonly what: Phrase;
  /** Consequence, or advice. */
  readonly so?: Phrase;
}
