/** What is written to the output channel "Knockgate". No secret is ever handed to it. */
export interface Log {
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
}
