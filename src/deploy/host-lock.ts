import { formatKey } from '../spa/keys.ts';
import type { Remote } from './connection/remote.ts';
import type { LoginInput } from './log-in.ts';
import { shell } from './plan/step.ts';
import { hostBusy, lockLost, lookFailed } from './problems.ts';

/*
 * A command that changes the gate of a server says so in a file there, so that two at the same time do not undo each other's work.
 * The file goes at the end of the work, at a reboot, or when its time is over: a client that is killed keeps nobody out for long.
 * It is one line: the key and the name of the device, the process there, and since when and until when, in seconds of the server's
 * uptime.
 */

export const LOCK = '/run/knockgate-deploy';

/** Seconds that a lock lasts: packages may take ten minutes, and people some more to read a plan. */
const HELD_FOR_SECONDS = 1200;

const TAKE = `set -u
now=$(cut -d . -f 1 /proc/uptime)
if test -e "$1"; then
  read -r key name pid since until <"$1" || :
  case "\${until:-}" in ''|*[!0-9]*) until=0;; esac
  if test "$now" -ge "$until" || test "$key $pid" = "$2 $6"; then rm -f "$1"; elif test "$7" = new; then :; else echo lost; exit; fi
elif test "$7" = keep; then echo lost; exit
fi
if (umask 077; set -C; printf '%s %s %s %s %s\\n' "$2" "$3" "$4" "$now" "$((now + $5))" >"$1") 2>/dev/null; then echo taken
else read -r key name pid since until <"$1"; echo "held $key $name $pid $((now - since)) $((until - now))"; fi`;

const GIVE_BACK = 'read -r key name pid rest <"$1" && test "$key $pid" = "$2 $3" && rm -f "$1"';

const HELD = /^held ([\w-]{43}) ([\w.@-]{1,63}) ([0-9]{1,10}) ([0-9]{1,9}) ([0-9]{1,9})$/;

/** Owner of a lock, and its server. */
type Holder = Pick<LoginInput, 'host' | 'device'>;

/** This process, and its knowledge of others on this computer. */
export interface Processes {
  readonly own: number;
  readonly isRunning: (pid: number) => boolean;
}

/** Hosts whose lock this process has. After a lost connection it may still have one on a server without knowing it. */
const heldHere = new Set<string>();

/**
 * Takes the right to change the gate of a server. The login ends when somebody else has it.
 * @throws Problem `host-busy` that says who; `look-failed`
 */
export async function takeLock(remote: Remote, input: Holder, processes = thisProcess): Promise<HostLock> {
  const lock = new HostLock(remote, input, processes);
  try {
    await lock.take();
    return lock;
  } catch (error) {
    await remote.close();
    throw error;
  }
}

/** Right to change the gate of a server, for as long as the lock is held. */
class HostLock {
  private readonly remote: Remote;
  private readonly input: Holder;
  private readonly processes: Processes;

  constructor(remote: Remote, input: Holder, processes: Processes) {
    this.remote = remote;
    this.input = input;
    this.processes = processes;
  }

  /** @throws Problem as `takeLock` */
  async take(): Promise<void> {
    const { host } = this.input;
    let said = await this.run('new', 0);
    const [, key, , heldBy = ''] = HELD.exec(said) ?? [];
    // A lock of this device whose process has ended is taken over.
    if (key === this.key && !this.holds(Number(heldBy))) said = await this.run('new', Number(heldBy));
    const held = HELD.exec(said);
    if (held !== null) throw hostBusy(host, held[2] ?? '', Number(held[4]), Number(held[5]), LOCK);
    if (said !== 'taken') throw lookFailed(host, said);
    heldHere.add(host);
  }

  /**
   * Makes sure that the lock is still held, and starts its time anew. Call it before each change: people may take long to answer.
   * @throws Problem `lock-lost`
   */
  async keep(seconds = 0): Promise<void> {
    if ((await this.run('keep', this.processes.own, seconds)) !== 'taken') throw lockLost(this.input.host);
  }

  /** Releases the lock. Never rejects: the lock ends by itself too. */
  async giveBack(): Promise<void> {
    heldHere.delete(this.input.host);
    const argv = shell(GIVE_BACK, LOCK, this.key, String(this.processes.own));
    await this.remote.run(argv, { sudo: true }).catch(() => undefined);
  }

  private holds(pid: number): boolean {
    return pid === this.processes.own ? heldHere.has(this.input.host) : this.processes.isRunning(pid);
  }

  private get key(): string {
    return formatKey(this.input.device.client.key);
  }

  /** @param ends the process of this device whose lock is not counted; 0 for none */
  private async run(mode: 'new' | 'keep', ends: number, seconds = 0): Promise<string> {
    const { name } = this.input.device.client;
    const heldFor = String(HELD_FOR_SECONDS + seconds);
    const argv = shell(TAKE, LOCK, this.key, name, String(this.processes.own), heldFor, String(ends), mode);
    const { stdout, stderr } = await this.remote.run(argv, { sudo: true });
    return stdout.trim() || stderr.trim();
  }
}

const thisProcess: Processes = {
  own: process.pid,
  isRunning: (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // A process of another user counts as running too.
      return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
  },
};
