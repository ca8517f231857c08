import { canBeBoth, formatPacket, formatStep, type SequenceStep } from './step.ts';

/** Fewest and most steps of a sequence. */
export const STEPS = { least: 3, most: 16 } as const;

/**
 * Reason why a gate should not accept these steps; undefined when there is none. A sequence that chance or a plain scan can
 * match protects nothing, and a step that repeats the previous one looks like a retransmitted SYN.
 */
export function faultOfSteps(steps: readonly SequenceStep[]): string | undefined {
  if (steps.length < STEPS.least || steps.length > STEPS.most)
    return `a sequence has ${STEPS.least} to ${STEPS.most} steps, this one has ${steps.length}`;
  // Everybody pings.
  const others = steps.filter(({ protocol, length }) => protocol !== 'icmp' || length !== undefined).length;
  if (others < STEPS.least)
    return `beside pings of any length a sequence has ${STEPS.least} steps at least, this one has ${others}`;
  const repeated = steps.find((step, i) => i > 0 && canBeBoth(step, steps[i - 1]));
  if (repeated !== undefined)
    return `${formatPacket(repeated)} follows itself: that looks like the same packet sent again`;
  const [first] = steps;
  if (first !== undefined && (first.afterMs !== undefined || first.withinMs !== undefined))
    return `${formatStep(first)} is the first step: there is no previous one to count after= or within= from`;
  for (const by of [1, -1]) {
    if (steps.every((step, i) => i === 0 || isBeside(step, steps[i - 1], by)))
      return 'the steps count up or down by one: every plain scan of all ports would open it';
  }
  return undefined;
}

function isBeside(step: SequenceStep, before: SequenceStep | undefined, by: number): boolean {
  return before !== undefined && step.protocol === before.protocol && step.port === before.port + by;
}
