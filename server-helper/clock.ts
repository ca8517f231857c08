import { uptime } from 'node:os';

/** Time as the gate sees it; an argument everywhere, so that tests need not wait. */
export interface Clock {
  /** Wall time in unix milliseconds: what messages and tags are checked against. It can jump. */
  wall(): number;
  /** Milliseconds since some fixed point; never jumps: what grants are counted in, as the kernel does. */
  steady(): number;
  /** Seconds since the machine was booted, sleep included: what a trial's end is written in, for processes that read it later. */
  uptime(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  uptime,
};
