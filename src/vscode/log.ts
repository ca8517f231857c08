import { printable } from '../base/printable.ts';

/** Output channel "Knockgate". No secret is ever handed to it. */
export interface Log {
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
}

/** A log in which nothing is obeyed by a terminal that shows its file: what a server said may be in a message. */
export function printableLog(log: Log): Log {
  return {
    debug: (message) => log.debug(printable(message)),
    info: (message) => log.info(printable(message)),
    warn: (message) => log.warn(printable(message)),
    error: (message) => log.error(printable(message)),
  };
}
