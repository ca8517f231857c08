import { type ChildProcess, spawn } from 'node:child_process';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';
import { FORWARD_CHAINS } from './forwards.ts';
import { SEQUENCE_CHAINS } from './sequences.ts';
import { TABLE } from './table-name.ts';

/**
 * What is listened to: all that is done to rules, and what is taken out of sets. Not what is put into sets: tags are, all the
 * time, and every line wakes two processes.
 */
const EVENTS = [
  ['monitor', 'rules'],
  ['monitor', 'destroy', 'elements'],
];
/** What is done to the part of our table that nobody changes between two armings. */
const MEANT = new RegExp(
  `^(?:\\w+ rule ${TABLE} (?:${['knock', 'spa', 'gate', ...SEQUENCE_CHAINS, ...FORWARD_CHAINS].join('|')}) |delete element ${TABLE} (?:tags|gated|knockports) |#)`,
);
/** Whether a line of `nft monitor` tells of that part. */
export function touchesOurs(line: string): boolean {
  return MEANT.test(line);
}

/** Milliseconds in which nft is listening, once it is started. */
const SETTLED = 2000;
/** Characters in a second: whoever listens to more of them works harder than whoever looks at the table. */
const TOO_MUCH = 65_536;

/** What a watch is given. */
export interface WatchParts {
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** Our table was changed, or may have been without being heard. */
  readonly changed: () => void;
  /** What is started, and after how many milliseconds it listens; only tests give others. */
  readonly program?: string;
  readonly settled?: number;
}

/**
 * Hears at once when our table is changed, through two `nft monitor` that sleep otherwise: it costs nothing on a host where
 * nothing happens. A hint only: what it misses is found by looking.
 */
export class RulesetWatch {
  private readonly parts: WatchParts;
  private processes: ChildProcess[] = [];
  private settling: NodeJS.Timeout | undefined;
  private trusted = false;
  private heard = 0;
  private heardSince = 0;

  constructor(parts: WatchParts) {
    this.parts = parts;
  }

  /** Whether its silence means that nothing happened. */
  get isTrusted(): boolean {
    return this.trusted;
  }

  /** Starts nft, unless it runs. */
  start(): void {
    if (this.processes.length > 0) return;
    const { program = 'nft', settled = SETTLED, changed } = this.parts;
    this.processes = EVENTS.map((args) => {
      const process = spawn(program, args, { env: SYSTEM_ENVIRONMENT, stdio: ['ignore', 'pipe', 'ignore'] });
      let unfinished = '';
      process.stdout.setEncoding('latin1').on('data', (text: string) => {
        if (!this.processes.includes(process)) return;
        const lines = `${unfinished}${text}`.split('\n');
        unfinished = lines.pop() ?? '';
        this.hear(lines, text.length);
      });
      // Whoever started it asks again at every heartbeat, and looks for itself in the meantime.
      process.on('error', () => this.ended(process));
      process.on('exit', () => this.ended(process));
      return process;
    });
    this.settling = setTimeout(() => {
      this.trusted = true;
      // What happened before it could be heard is unknown.
      changed();
    }, settled);
  }

  stop(): void {
    clearTimeout(this.settling);
    const processes = this.processes;
    this.processes = [];
    this.trusted = false;
    for (const process of processes) {
      // One that was not to be found has no number, and to signal it now would be to signal our whole process group.
      if (process.pid !== undefined) process.kill('SIGTERM');
    }
  }

  private hear(lines: readonly string[], characters: number): void {
    const now = this.parts.steady();
    if (now - this.heardSince > 1000) {
      this.heardSince = now;
      this.heard = 0;
    }
    this.heard += characters;
    const tooMuch = this.heard > TOO_MUCH;
    if (tooMuch) this.stop();
    if (tooMuch || lines.some(touchesOurs)) this.parts.changed();
  }

  private ended(process: ChildProcess): void {
    if (!this.processes.includes(process)) return;
    this.stop();
    this.parts.changed();
  }
}
