/** The knocks that a child is to make, and what happens to the first wave of each. */
export interface LateKnocks {
  /** The gate's enrolment line. */
  readonly line: string;
  readonly keyFile: string;
  readonly address: string;
  /** Milliseconds until it is delivered. */
  readonly fate: number | 'lost';
  readonly count: number;
}
