/** Times the polls: no store meets all gates at once, neither usually nor when it comes back. */
export class Pace {
  private readonly poll: number;
  private readonly random: () => number;
  private failures = 0;

  /**
   * @param poll milliseconds
   * @param random from 0 to below 1
   */
  constructor(poll: number, random: () => number) {
    this.poll = poll;
    this.random = random;
  }

  /** Milliseconds until the next poll after one that succeeded: up to a fifth earlier or later. */
  afterSuccess(): number {
    this.failures = 0;
    return this.poll * (0.8 + 0.4 * this.random());
  }

  /** Milliseconds after one that failed: twice as long each time, up to five polls, and down to half of that at random. */
  afterFailure(): number {
    const longest = Math.min(this.poll * 2 ** this.failures, this.poll * 5);
    this.failures++;
    return longest * (0.5 + 0.5 * this.random());
  }
}
