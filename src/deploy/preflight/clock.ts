import type { Remote } from '../connection/remote.ts';

/** Difference between the target's clock and ours. */
export interface ClockLook {
  /** Milliseconds that the target's clock is ahead of ours. */
  readonly offsetMs: number;
  /** Half of the shortest round trip, in milliseconds: the offset is not known more exactly. */
  readonly uncertaintyMs: number;
  /** Our clock at that moment, in unix milliseconds. */
  readonly wallMs: number;
}

const LOOKS = 3;
/** Difference from which people are told and asked, and knocks are corrected. A gate accepts a minute. */
const OFF_FROM_MS = 20_000;

/** Whether the clocks are so far apart that a person must know. */
export function isOff({ offsetMs }: ClockLook): boolean {
  return Math.abs(offsetMs) > OFF_FROM_MS;
}

/** Milliseconds to add to our time when knocking; 0 where the clocks agree well enough. */
export function correctionBy(clock: ClockLook): number {
  return isOff(clock) ? clock.offsetMs : 0;
}

/**
 * Asks the target for its time a few times, and uses the quickest answer: its time is that of the middle of the round trip, as in
 * NTP (RFC 5905, section 8).
 * @returns undefined when its `date` knows no milliseconds
 */
export async function lookAtClock(remote: Remote, wallMs: () => number): Promise<ClockLook | undefined> {
  let best: ClockLook | undefined;
  for (let look = 0; look < LOOKS; look++) {
    const before = wallMs();
    const { stdout } = await remote.run(['date', '+%s.%N']);
    const after = wallMs();
    const told = /^([0-9]+)\.([0-9]{3})[0-9]*$/.exec(stdout.trim());
    if (told === null) return undefined;
    const uncertaintyMs = (after - before) / 2;
    const offsetMs = Math.round(Number(told[1]) * 1000 + Number(told[2]) - (before + uncertaintyMs));
    if (best === undefined || uncertaintyMs < best.uncertaintyMs) best = { offsetMs, uncertaintyMs, wallMs: after };
  }
  return best;
}
