import { printable } from '../base/printable.ts';

/** Output channel "Knockgate". No secret is ever handed to it. */
export interface Log {
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
}

/** Log whose file cannot control the terminal that shows it: messages may contain a server's words. */
export function printableLog(log: Log): Log {
  return {
    debug: (message) => log.debug(printable(message)),
    info: (message) => log.info(printable(message)),
    warn: (message) => log.warn(printable(message)),
    error: (message) => log.error(printable(message)),
  };
}
