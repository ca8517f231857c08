import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../client/clock.ts';
import { withLock } from '../client/lock.ts';
import { systemErrorCode } from '../client/system-error.ts';
import { toBase64Url } from '../spa/bytes.ts';

/** What a window that wants to knock is told. */
export type Turn =
  /** It is this window's turn: knock, then say what came of it. */
  | { readonly kind: 'knock'; readonly done: (outcome: { readonly openUntilMs: number | undefined }) => Promise<void> }
  /** Another window has opened the door since the time asked about. */
  | { readonly kind: 'open'; readonly untilMs: number };

const LOOK_EVERY_MS = 20;
/** A window that has been knocking for this long has died, or its knock is as good as lost. */
const KNOCKING_AT_MOST_MS = 3000;

/**
 * Lets one window at a time knock at a host. When the editor restores its windows, they all want to knock in the same
 * moment, and one knock is enough: the gate sees the same address. A file for each host in a folder that the windows
 * share; where it cannot be written, everybody knocks.
 */
export class Turns {
  private readonly folder: string;
  private readonly clock: Clock;
  private readonly randomBytes: (length: number) => Uint8Array;

  constructor(folder: string, clock: Clock, randomBytes: (length: number) => Uint8Array) {
    this.folder = folder;
    this.clock = clock;
    this.randomBytes = randomBytes;
  }

  /**
   * Waits for this window's turn.
   * @param sinceMs unix milliseconds: a door opened by another window after that counts
   */
  async take(host: string, sinceMs: number, signal: AbortSignal): Promise<Turn> {
    const path = this.pathOf(host);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      while (!signal.aborted) {
        const turn = await this.locked(path, () => this.decide(path, sinceMs));
        if (turn !== 'wait') return turn;
        await this.clock.sleep(LOOK_EVERY_MS, signal);
      }
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
    return { kind: 'knock', done: async () => {} };
  }

  /** Until when a door is open that some window opened, in unix milliseconds; undefined when none did, or it has closed. */
  openUntil(host: string): number | undefined {
    const { openUntilMs } = read(this.pathOf(host));
    return openUntilMs !== undefined && openUntilMs > this.clock.wallMs() ? openUntilMs : undefined;
  }

  /** In hex, since a name may hold capitals, and some disks do not tell them apart. */
  private pathOf(host: string): string {
    return join(this.folder, Buffer.from(host, 'utf8').toString('hex'));
  }

  private decide(path: string, sinceMs: number): Turn | 'wait' {
    const nowMs = this.clock.wallMs();
    const { atMs, openUntilMs } = read(path);
    if (openUntilMs !== undefined && openUntilMs > nowMs && atMs >= sinceMs && atMs <= nowMs)
      return { kind: 'open', untilMs: openUntilMs };
    // A clock that was set back must not make anybody wait.
    const isTaken = openUntilMs === undefined && atMs <= nowMs && nowMs - atMs < KNOCKING_AT_MOST_MS;
    if (isTaken) return 'wait';
    write(path, { atMs: nowMs, openUntilMs: undefined });
    return { kind: 'knock', done: (outcome) => this.end(path, outcome.openUntilMs) };
  }

  private async end(path: string, openUntilMs: number | undefined): Promise<void> {
    try {
      // A knock that failed is nobody else's result: they try for themselves.
      const note = { atMs: openUntilMs === undefined ? 0 : this.clock.wallMs(), openUntilMs };
      await this.locked(path, () => write(path, note));
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
  }

  private locked<T>(path: string, action: () => T): Promise<T> {
    return withLock(`${path}.lock`, toBase64Url(this.randomBytes(9)), (ms) => this.clock.sleep(ms), action);
  }
}

/** What the windows tell each other of a host. */
interface Note {
  /** Unix milliseconds of when it was written. */
  readonly atMs: number;
  /** Undefined while somebody is knocking. */
  readonly openUntilMs: number | undefined;
}

function write(path: string, note: Note): void {
  writeFileSync(path, JSON.stringify(note), { mode: 0o600 });
}

/** A note that is not there or cannot be read counts as long ago. */
function read(path: string): Note {
  try {
    const { atMs, openUntilMs }: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
    return {
      atMs: typeof atMs === 'number' ? atMs : 0,
      openUntilMs: typeof openUntilMs === 'number' ? openUntilMs : undefined,
    };
  } catch {
    return { atMs: 0, openUntilMs: undefined };
  }
}
