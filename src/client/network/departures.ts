/** Schedule of the knocks that are still to be sent while a port is waited for. */
export class Departures {
  private readonly due: number[];
  private next = new AbortController();
  private left = 0;

  /** @param dueMs times at which they leave, by the monotonic clock */
  constructor(dueMs: readonly number[]) {
    this.due = [...dueMs];
  }

  /** How many have left. */
  get count(): number {
    return this.left;
  }

  /** Time of the next one; undefined after the last. */
  get nextDueMs(): number | undefined {
    return this.due[0];
  }

  /** Signal that aborts when the next one has left. */
  get nextHasLeft(): AbortSignal {
    return this.next.signal;
  }

  /** Notes that one has left. */
  leave(): void {
    const { next } = this;
    this.due.shift();
    this.left++;
    this.next = new AbortController();
    next.abort();
  }
}
