import type { Clock } from '../../os/clock.ts';

/** Longest time between two looks while the computer is awake, however busy it is. */
const LONGEST_GAP_MS = 20_000;

/**
 * Tells how long the computer has been awake. The monotonic clock of Windows and macOS goes on in sleep, and that of Linux does not:
 * a sleep shows by a long time between two looks, on either clock.
 */
export class AwakeTime {
  private readonly clock: Clock;
  private lastMs: number;
  private lastWallMs: number;
  private startMs: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.lastMs = clock.monotonicMs();
    this.lastWallMs = clock.wallMs();
    this.startMs = this.lastMs;
  }

  /** Has to be called more often than every 20 s. @returns whether the computer slept since the last look */
  look(): boolean {
    const [nowMs, nowWallMs] = [this.clock.monotonicMs(), this.clock.wallMs()];
    const gapMs = Math.max(nowMs - this.lastMs, nowWallMs - this.lastWallMs);
    this.lastMs = nowMs;
    this.lastWallMs = nowWallMs;
    const hasSlept = gapMs > LONGEST_GAP_MS;
    if (hasSlept) this.startMs = nowMs;
    return hasSlept;
  }

  /** Monotonic milliseconds of the last time that the computer woke, or of the first look. */
  sinceMs(): number {
    return this.startMs;
  }
}
