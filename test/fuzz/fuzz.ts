import { createContext, Script } from 'node:vm';
import { Random } from '../rig/random.ts';
import { Coverage } from './coverage.ts';
import { type Fault, judge } from './judge.ts';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

/** How long, and how. */
export interface FuzzOptions {
  /** The same seed, the same inputs, as long as nothing is timed or covered. */
  readonly seed: string;
  /** Inputs; the seeds come on top. */
  readonly runs?: number;
  /** Milliseconds after which it ends. */
  readonly milliseconds?: number;
  /** Whether inputs that run new code are kept. Without it only those with a new kind of answer. */
  readonly coverage: boolean;
  /** Whether slow inputs are faults: not on a machine that does other work as well. */
  readonly timed: boolean;
  /** Milliseconds after which a batch of inputs hangs. */
  readonly stuckMs?: number;
}

/** A fault with the input that shows it, made small. */
export interface Finding extends Fault {
  readonly input: Uint8Array;
}

export interface FuzzReport {
  readonly target: string;
  readonly runs: number;
  /** Inputs that were kept. */
  readonly corpus: number;
  /** Blocks of code that have run; 0 without coverage. */
  readonly blocks: number;
  /** Of the processor, for the slowest input, and its length in bytes; 0 when nothing is timed. */
  readonly slowest: { readonly ms: number; readonly length: number };
  readonly findings: readonly Finding[];
}

const LONGEST = 65_536;
/** Bytes of an input that others are made of. */
const LONGEST_KEPT = 8192;
const MOST_WORDS = 400;
/** Kinds of answers that are told apart. */
const MOST_LABELS = 2000;
/** Inputs between two looks at what has run: each look costs milliseconds. */
const BATCH = 64;
/** A reader that needs more for 65,536 bytes is refused, however busy the machine. */
const SLOW_MS = 1000;
/** Unless said otherwise. */
const STUCK_MS = 15_000;
/** Tries to make an input smaller. */
const SHRINKING = 400;

/** Gives a target inputs until time or runs are over; findings with the same cause count once. */
export function fuzz(target: FuzzTarget, options: FuzzOptions): FuzzReport {
  const run = new Run(target, options);
  const end = options.milliseconds === undefined ? undefined : performance.now() + options.milliseconds;
  run.batch(target.seeds);
  for (let left = options.runs ?? Number.POSITIVE_INFINITY; left > 0; left -= BATCH) {
    if (end !== undefined && performance.now() >= end) break;
    run.batch(Array.from({ length: Math.min(BATCH, left) }, () => run.next()));
  }
  return run.report();
}

class Run {
  private readonly random: Random;
  private readonly corpus: Uint8Array[];
  private readonly words: readonly string[];
  private readonly coverage: Coverage | undefined;
  private readonly labels = new Set<string>();
  private readonly findings = new Map<string, Finding>();
  private slowest = { ms: 0, length: 0 };
  private runs = 0;
  private current: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly target: FuzzTarget,
    private readonly options: FuzzOptions,
  ) {
    this.random = new Random(`${options.seed} ${target.name}`);
    this.corpus = [...target.seeds];
    const found = target.seeds.flatMap(
      (seed) =>
        Buffer.from(seed)
          .toString('latin1')
          .match(/[\w.+/-]{2,40}/g) ?? [],
    );
    this.words = [...new Set([...(target.words ?? []), ...found.slice(0, MOST_WORDS)])];
    this.coverage = options.coverage ? new Coverage() : undefined;
  }

  next(): Uint8Array {
    const { corpus, words } = this;
    return mutate(this.random, { corpus, words, longest: this.target.longest ?? LONGEST });
  }

  batch(inputs: readonly Uint8Array[]): void {
    const { stuckMs = STUCK_MS } = this.options;
    const done = within(stuckMs, () => {
      for (const input of inputs) if (this.one(input)) this.keep(input);
    });
    if (!done) this.note({ kind: 'stuck', what: `does not end within ${stuckMs / 1000} s` }, this.current);
    else this.keepFresh(inputs);
  }

  /** Keeps the inputs of a batch that run what nothing has run before. */
  private keepFresh(inputs: readonly Uint8Array[]): void {
    const ofAll = this.coverage?.fresh() ?? [];
    if (ofAll.length === 0) return;
    for (const input of inputs) {
      judge(this.target, input);
      const blocks = this.coverage?.fresh() ?? [];
      if (blocks.length > 0) this.keep(input);
      this.coverage?.learn(blocks);
    }
    // Code that runs only once in a process belongs to no input.
    this.coverage?.learn(ofAll);
  }

  private keep(input: Uint8Array): void {
    if (input.length <= LONGEST_KEPT) this.corpus.push(input);
  }

  /** Whether the answer is of a new kind. */
  private one(input: Uint8Array): boolean {
    this.current = input;
    this.runs += 1;
    const before = this.options.timed ? process.cpuUsage().user : 0;
    const verdict = judge(this.target, input);
    if (this.options.timed) this.time(input, (process.cpuUsage().user - before) / 1000);
    if (verdict.fault !== undefined) this.note(verdict.fault, input);
    const label = verdict.fault === undefined ? verdict.label : verdict.fault.kind;
    if (this.labels.has(label) || this.labels.size >= MOST_LABELS) return false;
    this.labels.add(label);
    return true;
  }

  /** The best of three counts: the first one may have collected garbage, or compiled. */
  private time(input: Uint8Array, firstMs: number): void {
    if (firstMs <= this.slowest.ms) return;
    const more = [1, 2].map(() => {
      const before = process.cpuUsage().user;
      judge(this.target, input);
      return (process.cpuUsage().user - before) / 1000;
    });
    const ms = Math.min(firstMs, ...more);
    if (ms > this.slowest.ms) this.slowest = { ms, length: input.length };
    if (ms > SLOW_MS) this.note({ kind: 'slow', what: `needs more than ${SLOW_MS} ms` }, input);
  }

  private note(fault: Fault, input: Uint8Array): void {
    const cause = `${fault.kind} ${fault.what}`;
    if (this.findings.has(cause)) return;
    const again = ({ kind, what }: Fault) => kind === fault.kind && what === fault.what;
    // What takes long is left as it is: to try it often takes longer.
    const isLong = fault.kind === 'slow' || fault.kind === 'stuck';
    this.findings.set(cause, { ...fault, input: isLong ? input : this.smaller(input, again) });
  }

  /** The input without what the fault does not need. */
  private smaller(input: Uint8Array, again: (fault: Fault) => boolean): Uint8Array {
    let best = input;
    let tries = SHRINKING;
    for (let size = input.length >> 1; size >= 1; size >>= 1)
      for (let at = 0; at < best.length && tries > 0; tries--) {
        const without = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
        const { fault } = judge(this.target, without);
        if (fault !== undefined && again(fault)) best = without;
        else at += size;
      }
    return best;
  }

  report(): FuzzReport {
    this.coverage?.stop();
    const { target, runs, corpus, coverage, slowest, findings } = this;
    return {
      target: target.name,
      runs,
      corpus: corpus.length,
      blocks: coverage?.size ?? 0,
      slowest,
      findings: [...findings.values()],
    };
  }
}

/** Whether work ends in time; what does not is broken off, in the middle of a regular expression if need be. */
function within(ms: number, work: () => void): boolean {
  try {
    new Script('work()').runInContext(createContext({ work }), { timeout: ms });
    return true;
  } catch (error) {
    // The error comes from the other context, so it is not an instance of our class.
    if (Object(error).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
