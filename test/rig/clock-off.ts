import { fileURLToPath } from 'node:url';

const HELPER = fileURLToPath(new URL('./helpers/clock-off.cjs', import.meta.url));
const SETTABLE = fileURLToPath(new URL('./helpers/clock-set.cjs', import.meta.url));

/** Environment of a program whose clock is so many milliseconds ahead; behind, when negative. */
export function clockOff(aheadMs: number): { NODE_OPTIONS: string; RIG_CLOCK_AHEAD_MS: string } {
  return { NODE_OPTIONS: `--require ${HELPER}`, RIG_CLOCK_AHEAD_MS: String(aheadMs) };
}

/** Environment of a program whose clock is ahead by as many milliseconds as a file says, which a test may change. */
export function settableClock(file: string): { NODE_OPTIONS: string; RIG_CLOCK_FILE: string } {
  return { NODE_OPTIONS: `--require ${SETTABLE}`, RIG_CLOCK_FILE: file };
}
