import { execFile } from 'node:child_process';

/** Milliseconds between two requests to be waited for. */
const ASKS_EVERY = 5000;

/**
 * Tells systemd how the daemon is, through `systemd-notify` (Node cannot send to a datagram socket of the Unix family).
 * Does nothing when no service manager asked for it.
 */
export class ServiceManager {
  private readonly environment: NodeJS.ProcessEnv;
  private timer: NodeJS.Timeout | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    this.environment = environment;
  }

  /**
   * About to be armed, which takes longer with thousands of clients than a service manager waits: it is asked to wait on.
   * @param getsOn one that hangs should not be waited for: the network comes up behind it
   */
  starting(getsOn: () => boolean): void {
    const ask = (): void => {
      if (getsOn()) this.send(`EXTEND_TIMEOUT_USEC=${2000 * ASKS_EVERY}`);
    };
    this.timer = setInterval(ask, ASKS_EVERY);
  }

  /**
   * Armed and listening; from here on the watchdog is fed at half its time, as sd_watchdog_enabled(3) advises.
   * @param isSound a daemon that hangs on something must not go on feeding it
   */
  ready(isSound: () => boolean): void {
    clearInterval(this.timer);
    this.send('--ready');
    const microseconds = Number(this.environment.WATCHDOG_USEC ?? 0);
    if (microseconds > 0) {
      const feed = (): void => {
        if (isSound()) this.send('WATCHDOG=1');
      };
      this.timer = setInterval(feed, microseconds / 2000);
    }
  }

  stopping(): void {
    clearInterval(this.timer);
    this.send('STOPPING=1');
  }

  private send(message: string): void {
    if (this.environment.NOTIFY_SOCKET === undefined) return;
    // A service manager that does not listen is its own affair.
    execFile('systemd-notify', [`--pid=${process.pid}`, message], () => {});
  }
}
