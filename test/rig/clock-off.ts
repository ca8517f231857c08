import { fileURLToPath } from 'node:url';

const HELPER = fileURLToPath(new URL('./helpers/clock-off.cjs', import.meta.url));

/** Environment of a program whose clock is so many milliseconds ahead; behind, when negative. */
export function clockOff(aheadMs: number): { NODE_OPTIONS: string; RIG_CLOCK_AHEAD_MS: string } {
  return { NODE_OPTIONS: `--require ${HELPER}`, RIG_CLOCK_AHEAD_MS: String(aheadMs) };
}
