import { type ChildProcess, spawn } from 'node:child_process';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';

/** What `nft monitor` says at the end of every change of the kernel's rules, ours or not. */
const GENERATION = /^# new generation \d+ by process (\d+) /;
/** Milliseconds: tags come every 30 s, so a watch that has not spoken for longer hears nothing. */
const LONGEST_SILENCE = 45_000;

/** What a watch is given. */
export interface WatchParts {
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** Whether a process of that id is one through which the gate itself changes rules. */
  readonly isOurs: (pid: number) => boolean;
  /** Somebody else changed some rules, ours or others; or changes may have been missed. */
  readonly changed: () => void;
  /** What is started; only tests give another. */
  readonly program?: string;
}

/**
 * Hears at once when somebody changes the kernel's rules, through one `nft monitor` that sleeps otherwise: it costs nothing on
 * a host where nothing happens. A hint only: what it misses is found by looking.
 */
export class RulesetWatch {
  private readonly parts: WatchParts;
  private process: ChildProcess | undefined;
  private spokeAt: number | undefined;
  private unfinished = '';

  constructor(parts: WatchParts) {
    this.parts = parts;
  }

  /** Whether its silence means that nothing happened: it runs, and was heard when the gate last changed something itself. */
  get isTrusted(): boolean {
    return this.spokeAt !== undefined && this.parts.steady() - this.spokeAt < LONGEST_SILENCE;
  }

  /** Starts nft, unless it runs. */
  start(): void {
    if (this.process !== undefined) return;
    const { program = 'nft' } = this.parts;
    const process = spawn(program, ['monitor'], { env: SYSTEM_ENVIRONMENT, stdio: ['ignore', 'pipe', 'ignore'] });
    this.process = process;
    process.stdout.setEncoding('latin1').on('data', (text: string) => {
      if (this.process === process) this.hear(text);
    });
    // Whoever started it asks again at every heartbeat, and looks for itself in the meantime.
    process.on('error', () => this.ended(process));
    process.on('exit', () => this.ended(process));
  }

  stop(): void {
    const process = this.process;
    this.process = undefined;
    this.spokeAt = undefined;
    process?.kill('SIGTERM');
  }

  private hear(text: string): void {
    // What happened before it could be heard is unknown.
    let changed = !this.isTrusted;
    this.spokeAt = this.parts.steady();
    const lines = `${this.unfinished}${text}`.split('\n');
    this.unfinished = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('#')) continue;
      // Any other remark says that changes were missed.
      const pid = GENERATION.exec(line)?.[1];
      if (pid === undefined || !this.parts.isOurs(Number(pid))) changed = true;
    }
    if (changed) this.parts.changed();
  }

  private ended(process: ChildProcess): void {
    if (this.process !== process) return;
    this.process = undefined;
    this.spokeAt = undefined;
    this.unfinished = '';
    this.parts.changed();
  }
}
