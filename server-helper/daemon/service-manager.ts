import { execFile } from 'node:child_process';

/** Milliseconds between two requests to be waited for. */
const ASKS_EVERY = 5000;

/**
 * Tells systemd how the daemon is, through `systemd-notify` (Node cannot send to a datagram socket of the Unix family).
 * Does nothing when no service manager asked for it.
 */
export class ServiceManager {
  private readonly environment: NodeJS.ProcessEnv;
  private readonly notify: (message: string) => void;
  private readonly asksEvery: number;
  private timer: NodeJS.Timeout | undefined;

  /** @param asksEvery milliseconds */
  constructor(environment: NodeJS.ProcessEnv, notify = systemdNotify, asksEvery = ASKS_EVERY) {
    this.environment = environment;
    this.notify = notify;
    this.asksEvery = asksEvery;
  }

  /**
   * About to be armed, which takes longer with thousands of clients than a service manager waits: it is asked to wait on.
   * @param getsOn one that hangs should not be waited for: the network comes up behind it
   */
  starting(getsOn: () => boolean): void {
    this.timer = this.askForTime(getsOn);
  }

  /**
   * A reload, for which systemd waits no longer than for a start. It is asked to wait on until the work is done.
   * @param getsOn as for `starting`
   */
  async reloading<T>(getsOn: () => boolean, work: Promise<T>): Promise<T> {
    const timer = this.askForTime(getsOn);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
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

  private askForTime(getsOn: () => boolean): NodeJS.Timeout {
    const ask = (): void => {
      if (getsOn()) this.send(`EXTEND_TIMEOUT_USEC=${2000 * this.asksEvery}`);
    };
    return setInterval(ask, this.asksEvery);
  }

  private send(message: string): void {
    if (this.environment.NOTIFY_SOCKET !== undefined) this.notify(message);
  }
}

function systemdNotify(message: string): void {
  // A service manager that does not listen is its own affair.
  execFile('systemd-notify', [`--pid=${process.pid}`, message], () => {});
}
