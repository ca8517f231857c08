import type { RequestedPort } from '../base/ports.ts';
import { formatPort } from '../base/ports.ts';

/** Fewest and most steps of a sequence. */
export const STEPS = { least: 3, most: 16 } as const;

/**
 * Reason why a gate should not accept these steps; undefined when there is none. A sequence that chance or a plain scan can
 * match protects nothing, and a step that repeats the previous one looks like a retransmitted SYN.
 */
export function faultOfSteps(steps: readonly RequestedPort[]): string | undefined {
  if (steps.length < STEPS.least || steps.length > STEPS.most)
    return `a sequence has ${STEPS.least} to ${STEPS.most} steps, this one has ${steps.length}`;
  const repeated = steps.find((step, i) => i > 0 && sameStep(step, steps[i - 1]));
  if (repeated !== undefined)
    return `${formatPort(repeated)} follows itself: that looks like the same packet sent again`;
  for (const by of [1, -1]) {
    if (steps.every((step, i) => i === 0 || isBeside(step, steps[i - 1], by)))
      return 'the steps count up or down by one: every plain scan of all ports would open it';
  }
  return undefined;
}

/** Whether two steps are the same port of the same protocol. */
export function sameStep(a: RequestedPort, b: RequestedPort | undefined): boolean {
  return b !== undefined && a.protocol === b.protocol && a.port === b.port;
}

function isBeside(step: RequestedPort, before: RequestedPort | undefined, by: number): boolean {
  return before !== undefined && step.protocol === before.protocol && step.port === before.port + by;
}
