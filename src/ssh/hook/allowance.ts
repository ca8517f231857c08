/** The most knocks that programs of this user get from the hook within `WITHIN_MS`, at one host and in all. */
const AT_ONE_HOST = 5;
const AT_ALL = 20;
const WITHIN_MS = 10_000;

/**
 * Limits the knocks of a program that runs ssh in a loop, or talks to the socket itself: a gate has only so many slots for each
 * client.
 */
export class Allowance {
  private readonly monotonicMs: () => number;
  private spent: { readonly alias: string; readonly atMs: number }[] = [];

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** Counts one more knock if it is within the allowance. @returns whether it is */
  take(alias: string): boolean {
    const nowMs = this.monotonicMs();
    this.spent = this.spent.filter(({ atMs }) => nowMs - atMs < WITHIN_MS);
    const atThisHost = this.spent.filter((each) => each.alias === alias).length;
    if (atThisHost >= AT_ONE_HOST || this.spent.length >= AT_ALL) return false;
    this.spent.push({ alias, atMs: nowMs });
    return true;
  }
}
