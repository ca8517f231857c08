import { type Ink, ink } from '../rig/ink.ts';

/** A step that did not hold. The timeline has shown it. */
export class StepFailed extends Error {}

/** Finding of a step: a few words, a few lines to show below them as they came, and what later steps need. */
export interface Finding<T = undefined> {
  found: string;
  quote?: string;
  gives?: T;
}

/** Columns: no line is longer than 100 characters, unless a failure has more to say. */
const WHAT = 40;
const MARGIN = ' '.repeat(12);

/** Says that a condition must hold, and what it means when it does not. */
export function hold(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** Prints what happens, a line for each step, with the seconds since the start at the left. */
export class Timeline {
  /** Steps that held. */
  held = 0;
  private readonly out: NodeJS.WriteStream;
  private readonly ink: Ink;
  private readonly startedAt: number;
  /** The line of the step that runs, where a terminal can overwrite it; otherwise only its outcome is printed. */
  private pending = false;

  constructor(out: NodeJS.WriteStream, startedAt: number) {
    this.out = out;
    this.ink = ink(out);
    this.startedAt = startedAt;
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  title(text: string): void {
    this.line(`\n${this.ink.bold(text)}`);
  }

  scene(text: string): void {
    this.line(`\n${MARGIN}${this.ink.bold(text)}`);
  }

  /** Free text below a title, a scene or a step. */
  note(text: string): void {
    for (const line of text.split('\n')) this.line(line && this.ink.dim(`${MARGIN}${line}`));
  }

  /** A line of the summary. */
  figure(what: string, value: string): void {
    this.line(`${MARGIN}${what.padEnd(WHAT)} ${this.ink.bold(value)}`);
  }

  /** Runs a step and prints what it found. When it throws, prints why, and throws `StepFailed`. */
  async step<T>(what: string, work: () => Promise<Finding<T> & { gives: T }>): Promise<T>;
  async step(what: string, work: () => Promise<Finding | string>): Promise<void>;
  async step<T>(what: string, work: () => Promise<Finding<T> | string>): Promise<T | undefined> {
    const time = this.ink.dim(`${this.seconds.toFixed(1).padStart(6)} s`);
    const row = (mark: string) => `${time}  ${mark} ${what}`;
    if (this.ink.live) {
      this.out.write(row(this.ink.dim('…')));
      this.pending = true;
    }
    try {
      const finding = await work();
      const { found, quote, gives }: Finding<T> = typeof finding === 'string' ? { found: finding } : finding;
      // A long command has its line for itself.
      const gap = what.length > WHAT ? `\n${MARGIN}${' '.repeat(WHAT)} ` : ' '.repeat(WHAT - what.length + 1);
      this.line(`${row(this.ink.good('✓'))}${gap}${found}`);
      if (quote) this.quote(quote);
      this.held += 1;
      return gives;
    } catch (error) {
      this.line(row(this.ink.bad('✗')));
      this.quote(error instanceof Error ? error.message : String(error));
      throw new StepFailed(what);
    }
  }

  /** The last words after a step that did not hold. */
  failed(): void {
    this.line(
      `\n${MARGIN}${this.ink.bold('This step did not hold.')} ${this.held} held before it. Everything is tidied up.`,
    );
  }

  /** The demo itself broke, outside of any step. */
  broken(error: unknown): void {
    this.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Somebody ended the demo. */
  interrupted(signal: string): void {
    if (this.pending) this.out.write('\n');
    this.pending = false;
    this.line(`${MARGIN}${signal}: everything is tidied up.`);
  }

  /** Lines below a step, as they came. */
  quote(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.line(this.ink.dim(`${MARGIN}│ ${line}`));
  }

  private line(text: string): void {
    if (this.pending) this.out.write('\r\u001b[2K');
    this.pending = false;
    this.out.write(`${text}\n`);
  }
}
