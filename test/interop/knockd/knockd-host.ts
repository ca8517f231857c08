import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installDebs } from '../../rig/debs.ts';
import { LINK, type Pair, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { must, sleep } from '../../rig/process.ts';
import { Reach, type Way } from '../../rig/reach.ts';
import { Target } from '../../rig/target.ts';
import { type Firewall, Firewalls } from './firewalls.ts';

/** A section of knockd.conf. */
export interface Door {
  readonly command: string;
  /** `start_command_6`. */
  readonly command6?: string | undefined;
  /** More lines, such as `cmd_timeout = 5`. */
  readonly more?: readonly string[];
}

const PATIENCE_MS = 120_000;
const UNIT = 'knockd-test';
const FIRST_STEP = 20_000;
/** On the target. */
const HOME = '/root/knockd';

/** Programs that commands name, as files of the target. */
const PROGRAMS: Readonly<Record<string, string>> = {
  '/usr/local/bin/notify': '#!/bin/sh\nexit 0\n',
  // The `sleep` lasts until the test has looked at the open ports.
  '/usr/local/bin/sleep': `#!/bin/sh
test -e ${HOME}/real-time && exec /bin/sleep "$@"
touch ${HOME}/asleep
until test -e ${HOME}/awake; do /bin/sleep 0.02; done
`,
};

/** Steps of the door with a number: three ports of its own, which no scan of a test hits. */
export const stepsOf = (door: number) => [0, 2, 1].map((i) => `udp/${FIRST_STEP + 3 * door + i}`);

/** A knockd.conf. */
export function confOf(doors: readonly Door[]): string {
  const sections = doors.map(({ command, command6, more = [] }, i) => [
    `[door${i}]`,
    `sequence = ${stepsOf(i).map((step) => step.split('/').reverse().join(':'))}`,
    'seq_timeout = 30',
    `start_command = ${command}`,
    ...(command6 === undefined ? [] : [`start_command_6 = ${command6}`]),
    ...more,
    '',
  ]);
  return sections.flat().join('\n');
}

/** A booted target with a real knockd, and the real programs of every firewall that an import reads. */
export class KnockdHost {
  private constructor(
    readonly target: Target,
    readonly firewalls: Firewalls,
    readonly reach: Reach,
  ) {}

  /** @param clientAddresses more of them, with prefix length */
  static async boot(name: string, clientAddresses: readonly string[]): Promise<KnockdHost> {
    const target = await Target.boot({ name, kind: 'firewalls', clientAddresses });
    try {
      await installDebs(target, ['knockd']);
      await target.must(['mkdir', HOME]);
      for (const [path, text] of Object.entries(PROGRAMS))
        writeFileSync(join(target.root, path), text, { mode: 0o755 });
      await target.must(['ln', '-s', '/usr/sbin/knock_helper_ipt.sh', '/usr/local/sbin/knock_add']);
      await knowNeighbours(target.pair);
      const reach = await Reach.make(target.pair.client, target.pair.target);
      return new KnockdHost(target, await Firewalls.make(target), reach);
    } catch (error) {
      await target.end();
      throw error;
    }
  }

  /** Runs knockd with these doors, and waits until it listens. */
  async start(doors: readonly Door[]): Promise<void> {
    writeFileSync(join(this.target.root, HOME, 'knockd.conf'), confOf(doors));
    const argv = ['/usr/sbin/knockd', '-v', '-i', LINK, '-c', `${HOME}/knockd.conf`, '-p', `${HOME}/pid`];
    await this.target.must(['systemd-run', '-q', '--collect', `--unit=${UNIT}`, ...argv]);
    const start = performance.now();
    while (!(await this.target.journal(UNIT)).includes('listening on')) {
      if (performance.now() - start > PATIENCE_MS) throw new Error(await this.target.journal(UNIT));
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    await this.target.must(['systemctl', 'stop', UNIT]);
    await this.target.must(['journalctl', '-q', '--rotate', '--vacuum-time=1us']);
  }

  /** Knocks at a door, from one of the client's addresses. */
  async knock(door: number, host: string, source: string): Promise<void> {
    await this.reach.outsider.walk(host, stepsOf(door), source);
  }

  /** Whether a file of this name is in knockd's folder: a command may make one. */
  is(mark: string): boolean {
    return existsSync(join(this.target.root, HOME, mark));
  }

  /** Makes a command's own `sleep` last as long as it says. By default it lasts until a test has looked. */
  sleepForReal(): void {
    this.touch('real-time');
  }

  /**
   * Shuts the firewall, knocks at a door whose stop command is `markStop`, and looks while it is open: its start command has then run
   * to its end, or sleeps.
   */
  async whileOpen<T>(door: number, way: Way, firewall: Firewall, look: () => Promise<T>): Promise<T> {
    await this.firewalls.shut(firewall);
    for (const mark of ['asleep', 'awake', 'stopped']) rmSync(join(this.target.root, HOME, mark), { force: true });
    await this.knock(door, way.host, way.source);
    await this.until(() => this.is('asleep') || this.is('stopped'));
    const seen = await look();
    this.touch('awake');
    await this.until(() => this.is('stopped'));
    return seen;
  }

  async end(): Promise<void> {
    await this.target.end();
  }

  private touch(name: string): void {
    writeFileSync(join(this.target.root, HOME, name), '');
  }

  private async until(isDone: () => boolean): Promise<void> {
    const start = performance.now();
    while (!isDone()) {
      if (performance.now() - start > PATIENCE_MS)
        throw new Error(`knockd runs no command:\n${(await this.target.journal(UNIT)).slice(-2000)}`);
      await sleep(5);
    }
  }
}

/** A firewall may drop what IPv6 finds neighbours with. */
async function knowNeighbours({ client, target }: Pair): Promise<void> {
  const [link] = JSON.parse(await must(['ip', '-n', target, '-j', 'link', 'show', LINK])) as [{ address: string }];
  for (const host of [TARGET4, TARGET6])
    await must(['ip', '-n', client, 'neigh', 'replace', host, 'lladdr', link.address, 'dev', LINK, 'nud', 'permanent']);
}

/** A command, after which there is a file of this name in knockd's folder. */
export const andMark = (command: string, mark: string) => `${command}; touch ${HOME}/${mark}`;

/** knockd runs this right after the start command: then that is done, whatever it did. */
export const markStop: readonly string[] = ['cmd_timeout = 0', `stop_command = touch ${HOME}/stopped`];
