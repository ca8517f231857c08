/** Where the documents of a fleet lie. What it gives is never trusted: the daemon verifies all of it. */
export interface Store {
  /** For the log. */
  readonly name: string;
  /**
   * Reads a file by its name in the layout.
   * @param most bytes; a longer file is refused before it is read
   * @returns undefined when the store says that there is none
   * @throws StoreFault when the store did not say so, and gave nothing either
   */
  read(file: string, most: number): Promise<Uint8Array | undefined>;
}

/** A store gave no answer, or one that is not used. */
export class StoreFault extends Error {
  constructor(file: string, why: string) {
    super(`${file}: ${why}`);
    this.name = 'StoreFault';
  }
}
