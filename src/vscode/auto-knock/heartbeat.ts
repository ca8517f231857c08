import type { Clock } from '../../os/clock.ts';

/** Milliseconds of silence after which a connection may be lost; the editor itself waits for 20 s before it says so. */
const LEAST_PATIENCE_MS = 5000;
/** Milliseconds that a busy server gets at most. */
const MOST_PATIENCE_MS = 15_000;
/**
 * Factor for a busy server: it gets this many times its second slowest recent answer. A single late answer has waited for the
 * editor to connect again.
 */
const PATIENCE_FACTOR = 3;
/** Number of recent answers. */
const REMEMBERED = 20;
/** Silence is counted in steps: a process that was suspended counts one step for the whole time. */
const STEP_MS = 1000;
/** Milliseconds after which a lost connection is asked anew, in case the editor has dropped the question. */
const ASK_ANEW_MS = 60_000;

export interface HeartbeatIo {
  readonly clock: Clock;
  /** Asks the other side of the connection anything; ends, or rejects, when it has answered. */
  readonly ask: () => PromiseLike<unknown>;
  /** Milliseconds to wait after an answer. */
  readonly pauseMs: () => number;
  /** Whether to react to a lost connection at the moment. */
  readonly isWanted: () => boolean;
  /**
   * Reacts to it, until the signal aborts because the other side answers again.
   * @param answeredForMs how long the connection answered before it was lost
   */
  readonly lost: (answered: AbortSignal, answeredForMs: number) => Promise<void>;
}

/**
 * Notices that the connection of a window does not answer any more. The first question only finds out that there is a
 * connection: until then the window is still being connected.
 */
export class Heartbeat {
  private readonly io: HeartbeatIo;
  private readonly ended = new AbortController();
  /** Milliseconds that the last answers took. */
  private tookMs: number[] = [];
  /** Monotonic milliseconds of the first and the last answer since the connection was made, or was last lost. */
  private answers = { firstMs: 0, lastMs: 0 };

  constructor(io: HeartbeatIo) {
    this.io = io;
  }

  /** Goes on until `dispose`. */
  async run(): Promise<void> {
    const { clock, pauseMs, isWanted } = this.io;
    const { signal } = this.ended;
    let isConnected = false;
    while (!signal.aborted) {
      if (isWanted()) {
        if (isConnected) await this.beat();
        else {
          await this.answer();
          this.noteFirstAnswer();
        }
        isConnected = true;
      }
      await clock.sleep(pauseMs(), signal);
    }
  }

  dispose(): void {
    this.ended.abort();
  }

  private async beat(): Promise<void> {
    const { clock } = this.io;
    const askedMs = clock.monotonicMs();
    const answer = this.answer();
    const patienceMs = this.patienceMs();
    for (let silentMs = 0; silentMs < patienceMs && !this.ended.signal.aborted; silentMs += STEP_MS)
      if (await this.comesWithin(STEP_MS, answer)) {
        this.remember(clock.monotonicMs() - askedMs);
        this.answers.lastMs = clock.monotonicMs();
        return;
      }
    if (this.ended.signal.aborted) return;
    await this.whileLost(answer);
    this.noteFirstAnswer();
    this.remember(clock.monotonicMs() - askedMs);
  }

  /** Ends when the other side has answered anything, or when nobody needs to know any more. */
  private answer(): Promise<void> {
    const { signal } = this.ended;
    return new Promise((resolve) => {
      const finish = () => {
        signal.removeEventListener('abort', finish);
        resolve();
      };
      signal.addEventListener('abort', finish);
      if (signal.aborted) finish();
      else this.io.ask().then(finish, finish);
    });
  }

  private async comesWithin(ms: number, answer: Promise<void>): Promise<boolean> {
    const timer = new AbortController();
    const isHere = await Promise.race([
      answer.then(() => true),
      this.io.clock.sleep(ms, timer.signal).then(() => false),
    ]);
    timer.abort();
    return isHere;
  }

  private async whileLost(answer: Promise<void>): Promise<void> {
    const answered = new AbortController();
    const back = answer.then(() => answered.abort());
    const askAnew = async () => {
      while (!answered.signal.aborted) {
        await this.io.clock.sleep(ASK_ANEW_MS, answered.signal);
        if (!answered.signal.aborted) this.answer().then(() => answered.abort());
      }
    };
    const answeredForMs = this.answers.lastMs - this.answers.firstMs;
    await Promise.all([Promise.race([back, askAnew()]), this.io.lost(answered.signal, answeredForMs)]);
  }

  private noteFirstAnswer(): void {
    const nowMs = this.io.clock.monotonicMs();
    this.answers = { firstMs: nowMs, lastMs: nowMs };
  }

  /** Remembers an answer. One that took longer says nothing about the server: the editor has connected again meanwhile. */
  private remember(ms: number): void {
    if (ms <= MOST_PATIENCE_MS) this.tookMs = [...this.tookMs, ms].slice(-REMEMBERED);
  }

  private patienceMs(): number {
    const [, secondMs = 0] = [...this.tookMs].sort((a, b) => b - a);
    const wantedMs = PATIENCE_FACTOR * secondMs;
    return Math.min(MOST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, wantedMs));
  }
}
