import { epochAt, epochsWithin } from '../../src/spa/tags.ts';

/** Whether the clock tolerance reaches an epoch. */
export type EpochState = 'near' | 'ahead';

/** Epochs of which the kernel has tags. */
export interface Reach {
  readonly present: number;
  readonly first: number;
  readonly lastNear: number;
  readonly last: number;
}

/**
 * Epochs whose tags the kernel is to have.
 * @param now unix milliseconds
 * @param ahead epochs beyond those that the clock tolerance (milliseconds) reaches
 */
export function reachAt(now: number, toleranceMs: number, ahead: number): Reach {
  const near = epochsWithin(now, toleranceMs);
  const [first, lastNear] = [near[0] ?? 0, near.at(-1) ?? 0];
  return { present: epochAt(now), first, lastNear, last: lastNear + ahead };
}

/** The epochs in reach, the present one first: that is the one somebody may be knocking with. */
export function urgentFirst({ first, last, present }: Reach): number[] {
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return all.sort((a, b) => Math.abs(a - present) - Math.abs(b - present));
}
