import { Problem } from '../../base/problem.ts';
import type { Clock } from '../../os/clock.ts';
import { logProblem } from '../ask/show-problem.ts';
import type { Door } from '../knock/doors.ts';
import type { Knocker } from '../knock/knocker.ts';
import type { Log } from '../log.ts';
import type { Occasion } from './watch.ts';

/** Pauses before the attempts: a network comes up in steps, and names resolve last of all. */
const PAUSES_MS = [200, 1000, 3000, 6000, 12_000];
/** Problems that may pass as soon as the network is up. */
const PASSING = ['no-route', 'name-not-found'];

export interface ReopenIo {
  readonly clock: Clock;
  readonly knocker: Knocker;
  readonly log: Log;
  /** Host to knock at for this window; undefined when none is known, and nothing can be done. */
  readonly door: () => Door | undefined;
}

/**
 * Knocks again for a window that is open. It makes one attempt at a time. A new occasion begins anew, since the present attempt may
 * have used a network that is gone. Only the lock shows it.
 */
export class Reopen {
  private readonly io: ReopenIo;
  private readonly ended = new AbortController();
  private wanted: Occasion | undefined;
  private attempt = new AbortController();
  private isRunning = false;

  constructor(io: ReopenIo) {
    this.io = io;
  }

  /** Asks for the port to be open. */
  want(occasion: Occasion): void {
    this.wanted = occasion;
    this.attempt.abort();
    if (!this.isRunning) this.run();
  }

  dispose(): void {
    this.ended.abort();
    this.wanted = undefined;
    this.attempt.abort();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.wanted !== undefined && !this.ended.signal.aborted) {
      const occasion = this.wanted;
      this.wanted = undefined;
      this.attempt = new AbortController();
      await this.insist(occasion, this.attempt.signal);
    }
    this.isRunning = false;
  }

  private async insist(occasion: Occasion, signal: AbortSignal): Promise<void> {
    for (const pauseMs of PAUSES_MS) {
      await this.io.clock.sleep(pauseMs, signal);
      const door = this.io.door();
      if (signal.aborted || door === undefined) return;
      // Notes of other windows do not count: they may have opened the port for an address that is gone. The ledger knows.
      const request = { reason: occasion, force: false, trustMs: 0 };
      try {
        await this.io.knocker.knock(door, request, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        logProblem(error, this.io.log);
        if (!(error instanceof Problem) || !PASSING.includes(error.text.code)) return;
      }
    }
  }
}
