/** Most knocks that programs of this user get from the hook within that time: at one host, and at all together. */
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

  /** Whether one more is within the allowance; it then counts. */
  take(alias: string): boolean {
    const nowMs = this.monotonicMs();
    this.spent = this.spent.filter(({ atMs }) => nowMs - atMs < WITHIN_MS);
    const atThisHost = this.spent.filter((each) => each.alias === alias).length;
    if (atThisHost >= AT_ONE_HOST || this.spent.length >= AT_ALL) return false;
    this.spent.push({ alias, atMs: nowMs });
    return true;
  }
}
