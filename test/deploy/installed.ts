import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packDeb } from '../../scripts/deb.mjs';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { TARGET4, TARGET6 } from '../rig/netns.ts';
import { isOpen, waitOpen } from '../rig/probe.ts';
import { Target, type TargetOptions } from '../rig/target.ts';

const CONFIG = '/etc/knockgate/gate.toml';

/** The name by which the client knows the gate. */
const HOST = 'target';

/** Status as `knockgated status --json` prints it, as far as tests read it. */
interface Status {
  pid: number;
  armed: string | null;
  trial: { seconds_left: number } | null;
  restored: number;
  capture: string;
}

interface InstalledOptions extends TargetOptions {
  /** Settings of the package's gate.toml to change, by their names. */
  settings?: Record<string, unknown>;
}

/** A booted target with the gate's package, and a client's host beside it whose client is enrolled. */
export class Installed {
  readonly target: Target;
  readonly client: Client;

  private constructor(target: Target) {
    this.target = target;
    this.client = new Client(target.pair.client);
  }

  /** Boots a target and installs the gate, which hides nothing yet. */
  static async make({ settings = {}, ...options }: InstalledOptions = {}): Promise<Installed> {
    const made = new Installed(await Target.boot(options));
    try {
      await made.install();
      for (const [name, value] of Object.entries(settings))
        await made.target.must(['sed', '-i', `s|^${name} = .*|${name} = ${JSON.stringify(value)}|`, CONFIG]);
      await made.enrol();
      return made;
    } catch (error) {
      await made.end();
      throw error;
    }
  }

  /** A target whose gate is confirmed, and will come up at the next boot. */
  static async armed(options: InstalledOptions = {}): Promise<Installed> {
    const made = await Installed.make(options);
    try {
      await made.daemon('trial', '60');
      await made.target.must(['systemctl', 'start', 'knockgate']);
      await made.daemon('confirm');
      await made.target.must(['systemctl', 'enable', 'knockgate', 'knockgate-boot']);
      return made;
    } catch (error) {
      const journal = await made.target.journal('knockgate');
      await made.end();
      throw new Error(`${error}\n${journal}`);
    }
  }

  /** Installs a version of the package over the present one. @returns dpkg's output */
  async install(version?: string): Promise<string> {
    const { dir, discard } = scratch('deb');
    try {
      const deb = await packDeb(version, dir);
      copyFileSync(deb, join(this.target.root, 'root', basename(deb)));
      return await this.target.must(['dpkg', '-i', `/root/${basename(deb)}`], { timeout: 60_000 });
    } finally {
      discard();
    }
  }

  /** Runs a subcommand of the daemon's program, as root on the target. */
  daemon(...args: string[]): Promise<string> {
    return this.target.must(['knockgated', ...args]);
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.daemon('status', '--json')) as Status;
  }

  /** The daemon's process on the target; undefined when there is none. */
  async mainPid(): Promise<string | undefined> {
    const { stdout } = await this.target.run(['systemctl', 'show', '--value', '-p', 'MainPID', 'knockgate']);
    return stdout.trim() === '0' ? undefined : stdout.trim();
  }

  /** `knockgate knock target`, also when a grant is live. Whether the port opened. */
  async knock(): Promise<boolean> {
    return (await this.client.run(['knock', HOST, '--force', '--timeout', '4'])).code === 0;
  }

  /** Knocks until a knock opens, and returns the seconds that it took since `start` (`performance.now`). */
  async untilKnockable(start: number, patience = 60): Promise<number> {
    while (!(await this.knock())) {
      if (performance.now() - start > patience * 1000)
        throw new Error(`no knock opens:\n${await this.target.journal('knockgate')}`);
    }
    return (performance.now() - start) / 1000;
  }

  /** Ends what a knock has opened. */
  async shut(): Promise<void> {
    await this.daemon('flush');
  }

  /** Whether sshd can be reached without a knock. */
  isOpen(host: string = TARGET4): Promise<boolean> {
    return isOpen(this.target.pair.client, host, 22);
  }

  /** Seconds until sshd can be reached without a knock. */
  async untilOpen(timeout: number): Promise<number> {
    return (await waitOpen(this.target.pair.client, TARGET4, 22, { timeout })).ms / 1000;
  }

  async end(): Promise<void> {
    this.client.dispose();
    await this.target.end();
  }

  private async enrol(): Promise<void> {
    const { name, key } = await this.client.keygen();
    await this.daemon('client', 'add', `knockgate1 client ${key} ${name}`);
    const line = await this.daemon('key', '--address', `${TARGET4},${TARGET6}`, '--name', HOST);
    await this.client.add(line.trim());
  }
}

/** Shows a figure in the tests' output. */
export function figure(text: string): void {
  process.stdout.write(`figure: ${text}\n`);
}
