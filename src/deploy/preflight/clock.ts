import type { Remote } from '../connection/remote.ts';

/** How far the target's clock is from ours. */
export interface ClockLook {
  /** The target's clock less ours, in milliseconds. */
  readonly offsetMs: number;
  /** Half of the shortest round trip, in milliseconds: the offset is not known any better. */
  readonly uncertaintyMs: number;
  /** Our clock at that moment, in unix milliseconds. */
  readonly wallMs: number;
}

const LOOKS = 3;
/** Clocks further apart are shown, asked about, and corrected for. A gate takes what is a minute off. */
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
 * Asks the target for its time, a few times, and believes the quickest answer: the time was told in the middle of the round
 * trip, as NTP takes it (RFC 5905, section 8).
 * @returns undefined when its `date` tells no milliseconds
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
