import { uptime } from 'node:os';

/** Time as the gate sees it; an argument everywhere, so that tests need not wait. */
export interface Clock {
  /** Wall time in unix milliseconds, against which messages and tags are checked. It can jump. */
  wall(): number;
  /** Milliseconds since a fixed point; it never jumps. Grants are counted in it, as in the kernel. */
  steady(): number;
  /**
   * Seconds since the machine was booted, including sleep. The end of a trial is written in it, for processes that read it later.
   */
  uptime(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  uptime,
};
