/** Lets other work go on between two slices of tags. */
export interface Pauses {
  /** For whatever waits already. */
  readonly turn: () => Promise<void>;
  /** For a moment. */
  readonly briefly: () => Promise<void>;
  /** Longer than a slice takes. */
  readonly atLeisure: () => Promise<void>;
  /** Whether another change of the tags waits for the present one. */
  readonly areOthersWaiting: () => boolean;
}
