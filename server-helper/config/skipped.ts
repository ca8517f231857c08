import { reasonOf } from '../problems.ts';
import type { Skip } from './load.ts';

/**
 * What a gate goes without, and why. A start goes without whatever is broken of fwknop or of a rotation. A reload goes without what
 * was left out before and is broken in the same way as then: it loses nothing that is in force, and what somebody has
 * just written is good or an error.
 */
export class Skipped {
  /** `[[fwknop]] phones: …`, a line each. */
  readonly faults: string[] = [];
  private readonly before: Skipped | undefined;

  /** @param before what a reload may go without; undefined for a start */
  constructor(before?: Skipped) {
    this.before = before;
  }

  /** @throws the error, when the gate cannot go without it */
  readonly add: Skip = (what, error) => {
    const fault = `${what}: ${reasonOf(error).replaceAll('\n', ' ')}`;
    if (this.before?.faults.includes(fault) === false) throw error;
    this.faults.push(fault);
  };
}
