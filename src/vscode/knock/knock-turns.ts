import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '../../base/bytes.ts';
import type { Clock } from '../../os/clock.ts';
import { withLock } from '../../os/file-lock.ts';
import { systemErrorCode } from '../../os/system-error.ts';

/** Answer to a window that wants to knock. */
export type Turn =
  /** It is this window's turn: it knocks, and then notes the result. */
  | { readonly kind: 'knock'; readonly done: (outcome: { readonly openUntilMs: number | undefined }) => Promise<void> }
  /** Another window has opened the port since the given time. */
  | { readonly kind: 'open'; readonly untilMs: number };

/** Processes of this computer; each window has one. */
export interface Processes {
  readonly own: number;
  /** False only when it has certainly ended. */
  isAlive(pid: number): boolean;
}

export const systemProcesses: Processes = {
  own: process.pid,
  isAlive: (pid) => {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return systemErrorCode(error) !== 'ESRCH';
    }
  },
};

const LOOK_EVERY_MS = 20;
/** Time after which a knock that has not ended counts as lost. */
const KNOCKING_AT_MOST_MS = 3000;
/** Looks until then: a key that is not there by then may never come. */
const LOOKS_AT_MOST = KNOCKING_AT_MOST_MS / LOOK_EVERY_MS;
const READY = Promise.resolve();

/**
 * Lets one window at a time knock at a host. When the editor restores its windows, all want to knock at the same moment, and one
 * knock is enough: the gate sees the same address. There is a file for each host in a folder that the windows share. If it cannot
 * be written, every window knocks.
 */
export class Turns {
  /** Folder of the windows' notes. */
  readonly folder: string;
  private readonly clock: Clock;
  private readonly randomBytes: (length: number) => Uint8Array;
  private readonly processes: Processes;

  constructor(
    folder: string,
    clock: Clock,
    randomBytes: (length: number) => Uint8Array,
    processes: Processes = systemProcesses,
  ) {
    this.folder = folder;
    this.clock = clock;
    this.randomBytes = randomBytes;
    this.processes = processes;
  }

  /**
   * Waits for this window's turn, which comes when it is ready: of several windows, the one whose editor finds the key first. Until
   * then it only checks whether another window has opened the port.
   * @param sinceMs unix milliseconds: a door opened by another window after that counts
   * @param ready what there has to be before this window can knock; that it failed is no reason to wait either
   */
  async take(host: string, sinceMs: number, signal: AbortSignal, ready: Promise<unknown> = READY): Promise<Turn> {
    const path = this.pathOf(host);
    let isReady = false;
    const nowReady = () => {
      isReady = true;
    };
    const settled = ready.then(nowReady, nowReady);
    // Existing notes count at once.
    await Promise.race([settled, this.clock.sleep(0)]);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      for (let looks = 0; !signal.aborted; looks++) {
        if (!isReady && looks > LOOKS_AT_MOST) await settled;
        const turn = isReady
          ? await this.locked(path, () => this.decide(path, sinceMs))
          : this.openSince(path, sinceMs);
        if (turn !== undefined) return turn;
        await Promise.race([this.clock.sleep(LOOK_EVERY_MS, signal), ...(isReady ? [] : [settled])]);
      }
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
    return { kind: 'knock', done: async () => {} };
  }

  /** End of the grant that a window has opened, in unix milliseconds; undefined when none did, or it has ended. */
  openUntil(host: string): number | undefined {
    const { openUntilMs } = read(this.pathOf(host));
    return openUntilMs !== undefined && openUntilMs > this.clock.wallMs() ? openUntilMs : undefined;
  }

  /** Path of a note, in hex: names may differ only in capitals, which some disks ignore. */
  private pathOf(host: string): string {
    return join(this.folder, Buffer.from(host, 'utf8').toString('hex'));
  }

  private openSince(path: string, sinceMs: number): Turn | undefined {
    const nowMs = this.clock.wallMs();
    const { atMs, openUntilMs } = read(path);
    const isOpen = openUntilMs !== undefined && openUntilMs > nowMs && atMs >= sinceMs && atMs <= nowMs;
    return isOpen ? { kind: 'open', untilMs: openUntilMs } : undefined;
  }

  /** @returns undefined when another window is knocking */
  private decide(path: string, sinceMs: number): Turn | undefined {
    const open = this.openSince(path, sinceMs);
    if (open !== undefined) return open;
    const nowMs = this.clock.wallMs();
    const { atMs, openUntilMs, pid } = read(path);
    // A clock that was set back must not make anybody wait.
    const isTaken = openUntilMs === undefined && atMs <= nowMs && nowMs - atMs < KNOCKING_AT_MOST_MS;
    // A window that is closed or reloaded while it knocks leaves its note behind.
    if (isTaken && (pid === undefined || this.processes.isAlive(pid))) return undefined;
    write(path, { atMs: nowMs, openUntilMs: undefined, pid: this.processes.own });
    return { kind: 'knock', done: (outcome) => this.end(path, outcome.openUntilMs) };
  }

  private async end(path: string, openUntilMs: number | undefined): Promise<void> {
    try {
      // Other windows do not take over a failure: they try for themselves.
      const note = { atMs: openUntilMs === undefined ? 0 : this.clock.wallMs(), openUntilMs, pid: undefined };
      await this.locked(path, () => write(path, note));
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
  }

  private locked<T>(path: string, action: () => T): Promise<T> {
    return withLock(`${path}.lock`, toBase64Url(this.randomBytes(9)), (ms) => this.clock.sleep(ms), action);
  }
}

/** Note of a host, for the other windows. */
interface Note {
  /** Unix milliseconds at which it was written. */
  readonly atMs: number;
  /** End of the grant; undefined while a window is knocking. */
  readonly openUntilMs: number | undefined;
  /** Process of the window that is knocking; undefined when none is. */
  readonly pid: number | undefined;
}

function write(path: string, note: Note): void {
  writeFileSync(path, JSON.stringify(note), { mode: 0o600 });
}

/** Reads a note. One that is missing or cannot be read counts as very old. */
function read(path: string): Note {
  try {
    const { atMs, openUntilMs, pid }: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
    return {
      atMs: typeof atMs === 'number' ? atMs : 0,
      openUntilMs: typeof openUntilMs === 'number' ? openUntilMs : undefined,
      pid: Number.isSafeInteger(pid) && Number(pid) > 0 ? Number(pid) : undefined,
    };
  } catch {
    return { atMs: 0, openUntilMs: undefined, pid: undefined };
  }
}
