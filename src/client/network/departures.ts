/** The knocks that are still to be sent while a port is waited for. */
export class Departures {
  private readonly due: number[];
  private next = new AbortController();

  /** @param dueMs when each is to leave, by the monotonic clock */
  constructor(dueMs: readonly number[]) {
    this.due = [...dueMs];
  }

  /** When the next one is to leave; undefined after the last. */
  get nextDueMs(): number | undefined {
    return this.due[0];
  }

  /** Aborts when the next one has left. */
  get nextHasLeft(): AbortSignal {
    return this.next.signal;
  }

  /** To be called when one has left. */
  leave(): void {
    const { next } = this;
    this.due.shift();
    this.next = new AbortController();
    next.abort();
  }
}
