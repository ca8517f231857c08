import { type Phrase, phrase } from '../../base/phrase.ts';

/** Result of one step. */
export type Result = 'ok' | 'not ok' | 'unknown';

/** One step of a diagnosis, with its result. */
export interface Step {
  readonly name: StepName;
  readonly result: Result;
  /** A sentence or two. */
  readonly finding: Phrase;
}

/** Steps in their order: each needs the ones before it. */
export const STEP_NAMES = [
  'Name',
  'Route',
  'Key',
  'Clock',
  'Before any knock',
  'Knock ports',
  'After a knock',
  'Greeting of sshd',
  'Grant',
] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** Conclusion of a diagnosis. */
export interface Verdict {
  /** Stable, for programs and tests. */
  readonly code: string;
  readonly what: Phrase;
  /** Advice, as Markdown. */
  readonly next: Phrase;
}

/** Port that a knock of the diagnosis has opened. */
export interface Opened {
  readonly address: string;
  readonly port: number;
  /** Milliseconds from the knock to the open connection. */
  readonly afterMs: number;
  /** Datagrams sent, at least. */
  readonly knocks: number;
  readonly sourceClaimed: boolean;
  /** Unix milliseconds until which new connections are let in, as far as this device knows. */
  readonly untilMs: number;
}

export interface Diagnosis {
  readonly host: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Steps, one for each name, in their order. */
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
  /** Port that stays open; undefined when no knock was needed, or none opened one. */
  readonly opened: Opened | undefined;
  /** Enrolment line of the client, to compare with the gate's; undefined without a key. It holds no secret. */
  readonly clientLine: string | undefined;
  /** Names and addresses that a stranger need not see. */
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
}

/** Collects the steps, and notes those that were not reached. */
export class Notes {
  private readonly steps = new Map<StepName, Step>();
  private readonly tell: (step: Step) => void;

  /** @param tell called for each step as it is done */
  constructor(tell: (step: Step) => void) {
    this.tell = tell;
  }

  add(name: StepName, result: Result, finding: Phrase): void {
    const step = { name, result, finding };
    this.steps.set(name, step);
    this.tell(step);
  }

  all(): Step[] {
    return STEP_NAMES.map((name) => {
      return this.steps.get(name) ?? { name, result: 'unknown', finding: phrase('Not looked at.') };
    });
  }
}

/** `2026-01-02T03:04:05Z` */
export function utc(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}
