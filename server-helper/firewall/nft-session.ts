import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import stream, { type Readable } from 'node:stream';
import { firewallFailed, programMissing, reasonOf } from '../problems.ts';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';
import { type Progress, readProgress } from './progress.ts';
import { ScriptFile } from './script-file.ts';

/**
 * `nft -i` says nothing when a command succeeds. This one, which asks the kernel nothing and works without any table, prints
 * one known line, and nft reads its commands in order: its answer says that all before it is done.
 */
const ACKNOWLEDGE = 'describe meta mark';
const ACKNOWLEDGED = /^meta expression, datatype mark .*\n$/m;
/** Milliseconds between two looks at an nft that has not answered yet. 10,000 tags take 40 ms. */
const PATIENCE = 1500;
/** Looks after which it is given up though it seems to work. */
const MOST_LOOKS = 40;
/** How a command begins that prints much. nft writes it in a hundred small pieces, each of which would wake this process. */
const LISTING = /^list /;
/** Milliseconds after which the pieces of a listing are read, together. */
const GATHERING = 15;
/** The same of a listing that somebody waits for. */
const BRIEFLY = 2;
/** Characters after which a listing is read as it comes: rulesets of many thousand lines must not take long. */
const LONG_LISTING = 32_768;
/** Commands of more characters go through a file: `nft -i` reads its input byte by byte, 1,000 tags in 20 ms rather than 3. */
const LONG = 500;
/**
 * `nft -i` never forgets a command: each line stays in its history. Bytes that its history may grow to before another process
 * takes its place, and what a line costs there beside its own length (measured with nft 1.0.6: 320 bytes for two lines).
 */
const MOST_HISTORY = 512 * 1024;
const LINE_COSTS = 160;

/** Options of a session that differ from the usual ones. */
export interface SessionOptions {
  /** A file of its own, through which it hands long commands to nft. */
  readonly script?: string;
  /**
   * Lists sets without their elements (`-t`), so that listing costs the same however large they are; and all else with its handle
   * (`-a`), by which a table that somebody made again is told from the one before.
   */
  readonly terse?: boolean;
  /** Program to start; only tests give another. */
  readonly program?: string;
  /** How the process is doing; only tests give another. */
  readonly progressOf?: (pid: number) => Progress;
}

interface Job {
  readonly commands: string;
  readonly isUrgent: boolean;
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

/** Events of a session's process. */
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
  private readonly script: ScriptFile | undefined;
  private readonly args: readonly string[];
  private readonly progressOf: (pid: number) => Progress;
  private readonly queue: Job[] = [];
  private current: Job | undefined;
  private process: ChildProcessWithoutNullStreams | undefined;
  private timer: NodeJS.Timeout | undefined;
  private output = '';
  private errors = '';
  private closed = false;
  private history = 0;

  constructor(
    events: NftEvents,
    { program = 'nft', script, terse = false, progressOf = readProgress }: SessionOptions = {},
  ) {
    this.events = events;
    this.program = program;
    this.script = script === undefined ? undefined : new ScriptFile(script);
    // -s: without counters and remaining times, so that a listing changes only when the rules do.
    this.args = ['-s', ...(terse ? ['-a', '-t'] : []), '-i'];
    this.progressOf = progressOf;
  }

  /**
   * Runs commands, in the order of the calls.
   * @param isUrgent whether somebody waits for what they print; a listing takes longer otherwise, and wakes this process less often
   * @returns what they print
   * @throws Problem `firewall-failed` with nft's own words, or `program-missing`
   */
  run(commands: string, isUrgent = false): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(firewallFailed('The gate is stopping.'));
        return;
      }
      this.queue.push({ commands, isUrgent, resolve, reject });
      // It waits for the listing that is being gathered.
      this.process?.stdout.resume();
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
      this.history += line.length + LINE_COSTS * (line.split('\n').length - 1);
      this.gather(this.current, this.process.stdout);
      this.process.stdin.write(line);
      this.waitFor(this.current, this.process);
    } catch (error) {
      // No memory or no descriptor for another process: this command fails, and the next one tries again.
      this.process = undefined;
      this.fail(firewallFailed(reasonOf(error)));
    }
  }

  /**
   * Ends nft when it hangs: it has used no processor between two looks, and does not wait for one. On a busy machine a command
   * may take seconds, and to end nft then would refuse a knock for nothing.
   * @param before what the previous look saw; there is none before the first, since most commands are answered by then
   */
  private waitFor(job: Job, { pid = 0 }: ChildProcessWithoutNullStreams, looks = 0, before?: Progress): void {
    this.timer = setTimeout(() => {
      // Timers run before input is read: an answer that is here already is taken first.
      setImmediate(() =>
        setImmediate(() => {
          if (this.current !== job || this.process?.pid !== pid) return;
          const now = this.progressOf(pid);
          const works = now.isWorking || now.cpuTicks !== before?.cpuTicks;
          if (works && looks + 1 < MOST_LOOKS) this.waitFor(job, this.process, looks + 1, now);
          else this.process.kill('SIGKILL');
        }),
      );
    }, PATIENCE);
  }

  private end(): void {
    this.process?.stdin.end();
    this.script?.remove();
  }

  /** The commands, or the one that has nft read them from a file. */
  private handedOver(commands: string): string {
    const { script } = this;
    if (script === undefined || commands.length < LONG) return commands;
    try {
      script.write(`${commands}\n`);
      return `include ${JSON.stringify(script.path)}`;
    } catch {
      // Without a runtime folder it takes longer.
      return commands;
    }
  }

  /** Exchanges an nft whose history weighs, in a quiet moment. The next one starts at once, so that no knock waits for it. */
  private renew(): void {
    if (this.history < MOST_HISTORY || this.current !== undefined || this.closed) return;
    const old = this.process;
    this.process = undefined;
    old?.stdin.end();
    try {
      this.process = this.start();
    } catch {
      // No memory or no descriptor for another process at the moment: the next command tries again.
    }
  }

  private start(): ChildProcessWithoutNullStreams {
    const process = withoutReadingAhead(() => spawn(this.program, this.args, { env: SYSTEM_ENVIRONMENT }));
    this.history = 0;
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
      else if (job !== undefined && this.output.length < LONG_LISTING) this.gather(job, process.stdout);
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

  /** Lets a listing pile up for a moment before it is read on, if no other command waits. Its socket holds some hundred pieces. */
  private gather({ commands, isUrgent }: Job, output: Readable): void {
    if (this.queue.length > 0 || !LISTING.test(commands)) return;
    output.pause();
    setTimeout(() => output.resume(), isUrgent ? BRIEFLY : GATHERING);
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.current = undefined;
  }
}

/**
 * Makes a process whose output is not read while it is paused: Node reads ahead up to the high-water mark that streams have when they
 * are made. Before Node 18.17 nobody can set it, and each piece wakes this process.
 */
function withoutReadingAhead<T>(make: () => T): T {
  const usual = stream.getDefaultHighWaterMark?.(false);
  if (usual === undefined) return make();
  stream.setDefaultHighWaterMark(false, 1);
  try {
    return make();
  } finally {
    stream.setDefaultHighWaterMark(false, usual);
  }
}
