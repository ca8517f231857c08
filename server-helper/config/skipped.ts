import { reasonOf } from '../problems.ts';
import type { Skip } from './load.ts';

/**
 * Parts of the configuration that the gate skips, each with the reason. A start skips broken parts of fwknop or of a rotation.
 * A reload skips only parts that were skipped before and still fail in the same way: so it loses nothing that is in force, and
 * a new mistake is an error.
 */
export class Skipped {
  /** `[[fwknop]] phones: …`, a line each. */
  readonly faults: string[] = [];
  private readonly before: Skipped | undefined;

  /** @param before parts that a reload may skip again; undefined for a start */
  constructor(before?: Skipped) {
    this.before = before;
  }

  /** @throws the error, when the part may not be skipped */
  readonly add: Skip = (what, error) => {
    const fault = `${what}: ${reasonOf(error).replaceAll('\n', ' ')}`;
    if (this.before?.faults.includes(fault) === false) throw error;
    this.faults.push(fault);
  };
}
