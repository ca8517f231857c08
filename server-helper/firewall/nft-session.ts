import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { writeNewFile } from '../own-file.ts';
import { firewallFailed, programMissing, reasonOf } from '../problems.ts';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';

/**
 * `nft -i` says nothing when a command succeeds. This one, which asks the kernel nothing and works without any table, prints
 * one known line, and nft reads its commands in order: its answer says that all before it is done.
 */
const ACKNOWLEDGE = 'describe meta mark';
const ACKNOWLEDGED = /^meta expression, datatype mark .*\n$/m;
/** Milliseconds after which a silent nft is given up. 10,000 tags take 40 ms. */
const PATIENCE = 3000;
/** Commands of more characters go through a file: `nft -i` reads its input byte by byte, 1,000 tags in 20 ms rather than 3. */
const LONG = 500;
/** Characters written to one nft before another takes its place. */
const RENEWED_AFTER = 1_000_000;

/** What a session is made with, where it is not as usual. */
export interface SessionOptions {
  /** A file of its own, through which it hands long commands to nft. */
  readonly script?: string;
  /** What is started; only tests give another. */
  readonly program?: string;
}

interface Job {
  readonly commands: string;
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

/** What a session tells about its process. */
export interface NftEvents {
  /** nft died or hung; the next command starts another. */
  lost(detail: string): void;
}

/**
 * One long-lived `nft -i`: a change costs 0.3 ms rather than the 2.6 ms of starting nft. Commands run one after the other;
 * each line is a transaction of its own.
 */
export class NftSession {
  private readonly events: NftEvents;
  private readonly program: string;
  private readonly script: string | undefined;
  private readonly queue: Job[] = [];
  private current: Job | undefined;
  private process: ChildProcessWithoutNullStreams | undefined;
  private timer: NodeJS.Timeout | undefined;
  private output = '';
  private errors = '';
  private closed = false;
  private written = 0;

  constructor(events: NftEvents, { program = 'nft', script }: SessionOptions = {}) {
    this.events = events;
    this.program = program;
    this.script = script;
  }

  /**
   * Runs commands, in the order of the calls.
   * @returns what they print
   * @throws Problem `firewall-failed` with nft's own words, or `program-missing`
   */
  run(commands: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(firewallFailed('The gate is stopping.'));
        return;
      }
      this.queue.push({ commands, resolve, reject });
      this.next();
    });
  }

  /** The process id of nft, while there is one. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Ends nft once it has done what it was asked before; commands that come later are refused. */
  close(): void {
    this.closed = true;
    if (this.current === undefined) this.end();
  }

  private next(): void {
    if (this.current !== undefined) return;
    this.current = this.queue.shift();
    if (this.current === undefined) {
      if (this.closed) this.end();
      return;
    }
    this.output = '';
    this.errors = '';
    try {
      this.process ??= this.start();
      const line = `${this.handedOver(this.current.commands)}\n${ACKNOWLEDGE}\n`;
      this.written += line.length;
      this.process.stdin.write(line);
      this.timer = setTimeout(() => this.process?.kill('SIGKILL'), PATIENCE);
    } catch (error) {
      // No memory or no descriptor for another process: this command fails, and the next one tries again.
      this.process = undefined;
      this.fail(firewallFailed(reasonOf(error)));
    }
  }

  private end(): void {
    this.process?.stdin.end();
    if (this.script !== undefined) rmSync(this.script, { force: true });
  }

  /** The commands, or the one that has nft read them from a file. */
  private handedOver(commands: string): string {
    const { script } = this;
    if (script === undefined || commands.length < LONG) return commands;
    try {
      writeNewFile(script, `${commands}\n`, 0o600);
      return `include ${JSON.stringify(script)}`;
    } catch {
      // Without a runtime folder it takes longer.
      return commands;
    }
  }

  /** `nft -i` keeps every command in memory as history. It is exchanged in a quiet moment, before that matters. */
  private renew(): void {
    if (this.written < RENEWED_AFTER || this.current !== undefined || this.closed) return;
    const old = this.process;
    this.process = undefined;
    old?.stdin.end();
  }

  private start(): ChildProcessWithoutNullStreams {
    // -s: without counters and remaining times, so that a listing changes only when the rules do.
    const process = spawn(this.program, ['-s', '-i'], { env: SYSTEM_ENVIRONMENT });
    this.written = 0;
    process.on('error', (error: NodeJS.ErrnoException) => {
      if (this.process === process) this.process = undefined;
      this.fail(error.code === 'ENOENT' ? programMissing('nft') : firewallFailed(reasonOf(error)));
    });
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      // The last words of one that died must not acknowledge what its successor was asked.
      if (this.process !== process) return;
      this.output += text;
      const job = this.current;
      // nft has written its errors before this; they are read within the same turn of the event loop.
      if (job !== undefined && ACKNOWLEDGED.test(this.output)) setImmediate(() => this.finish(job));
    });
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.process === process) this.errors += text;
    });
    process.stdin.on('error', () => {});
    process.on('exit', (code, signal) => this.ended(process, `nft ended (${signal ?? `code ${code}`})`));
    return process;
  }

  private finish(job: Job): void {
    if (this.current !== job) return;
    const output = this.output.replace(ACKNOWLEDGED, '');
    const errors = this.errors;
    this.settle();
    if (errors === '') job.resolve(output);
    else job.reject(firewallFailed(errors.trim()));
    this.next();
    this.renew();
  }

  private ended(process: ChildProcessWithoutNullStreams, detail: string): void {
    if (this.process !== process) return;
    this.process = undefined;
    if (!this.closed || this.current !== undefined) this.events.lost(detail);
    this.fail(firewallFailed(`${detail} ${this.errors}`.trim()));
  }

  private fail(error: Error): void {
    const job = this.current;
    this.settle();
    job?.reject(error);
    this.next();
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.current = undefined;
  }
}
