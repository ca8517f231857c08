import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureTargetRoots,
  TARGET_PASSWORD,
  TARGET_USER,
  type TargetKind,
  type TargetSystem,
  targetRoot,
} from '../../scripts/target-root.mjs';
import { atEnd, scratch } from './cleanup.ts';
import { ControlGroups } from './control-groups.ts';
import { createPair, type Pair, type PairOptions, type Star, TARGET4 } from './netns.ts';
import { ended, type Finished, finish, isAlive, must, type RunOptions, signalQuietly, sleep } from './process.ts';
import { HOST_ALIAS, openSession, type Session, type SshLogin, type SshOptions, sshRun } from './sshd.ts';

/** Options of a target. */
export interface TargetOptions extends PairOptions {
  /** Place in an existing network; default: a pair of its own. */
  place?: Star['targets'][number];
  /** System to boot; by default, `usualSystem`. */
  system?: TargetSystem;
  /** Programs that are installed on it; by default, `ready`. */
  kind?: TargetKind;
  /** Whether sudo asks the user for a password. */
  sudo?: 'free' | 'password';
  /** Size of its disk, as mount(8) has it, without what it had before it was booted. */
  disk?: string;
  /** More options of systemd-nspawn(1). */
  machine?: readonly string[];
  /**
   * A user namespace of its own, in which ids from 0 to 65,535 are others outside, as LXC makes one for a container without
   * privileges. `whole`: its network belongs to that namespace too. `foreign-network`: root there has no rights over the network.
   */
  userNamespace?: 'whole' | 'foreign-network';
}

/** System that targets boot: Debian 12, or what KNOCKGATE_TARGET_SYSTEM names. vitest.config.mts sets it to run the same tests elsewhere. */
const usualSystem: TargetSystem = systemIn(process.env);

/** Milliseconds that a boot may take: a hundred times what it needs. */
const BOOT_MAY_TAKE = 100_000;

let counter = 0;

/**
 * A target with an init of its own: a Debian with systemd or OpenRC, sshd and a user with sudo, in the target's namespace of a
 * pair. Its disk is a thin layer over a tree that all targets share. It boots again when it wants to, with a new network stack.
 */
export class Target implements SshLogin {
  readonly pair: Pair;
  /** Address by which the client reaches it, over IPv4. */
  readonly address: string;
  readonly user = TARGET_USER;
  readonly password = TARGET_PASSWORD;
  readonly port = 22;
  readonly identity: string;
  readonly knownHosts: string;
  /** The target's disk, seen from here. */
  readonly root: string;
  /** Number of its boots. */
  boots = 0;
  private readonly dir: string;
  private readonly name: string;
  private readonly groups: ControlGroups;
  private readonly forget: () => void;
  private whileOff = () => {};
  private machine: ChildProcess | undefined;
  private leader = 0;
  private booting: Promise<void> = Promise.resolve();
  private ending = false;
  private machineOptions: readonly string[] = [];
  private userNamespace: TargetOptions['userNamespace'];

  private constructor({ pair, address }: Star['targets'][number]) {
    counter += 1;
    this.name = `kg${process.pid}-${counter}`;
    this.pair = pair;
    this.address = address;
    this.groups = new ControlGroups(`knockgate-${this.name}`);
    // It is ended and unmounted before its folder is deleted, also by Ctrl-C: duties run in order.
    const takeBack = atEnd(() => this.remove());
    const { dir, discard } = scratch('target');
    this.forget = () => {
      takeBack();
      discard();
    };
    this.dir = dir;
    this.root = join(dir, 'root');
    this.identity = join(dir, 'client');
    this.knownHosts = join(dir, 'known_hosts');
  }

  /** Makes a target, with a client's host beside it, and boots it. */
  static async boot(options: TargetOptions = {}): Promise<Target> {
    const missing = await ensureTargetRoots(options.system ?? usualSystem);
    if (missing.length > 0) throw new Error(missing.map(({ name, why }) => `${name} is missing: ${why}`).join('\n'));
    sweepMounts();
    const target = new Target(options.place ?? { pair: await createPair(options), address: TARGET4 });
    try {
      await target.prepare(options);
      target.booting = target.bootOnce();
      await target.booting;
      return target;
    } catch (error) {
      await target.end();
      throw error;
    }
  }

  /** Runs a program on the target, as root. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const { env, cwd } = options;
    const enter = [
      'nsenter',
      '-t',
      String(this.leader),
      '-m',
      '-u',
      '-i',
      '-n',
      '-p',
      '-C',
      '-r',
      '-w',
      ...(this.userNamespace === undefined ? [] : ['-U']),
    ];
    const [program = '', ...args] = [...enter, ...argv];
    return finish(spawn(program, args, { env: { ...SYSTEM, ...env }, ...(cwd && { cwd }) }), options);
  }

  /** Runs like `run`; any exit code but 0 is an error that shows the program's output. */
  async must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv, options);
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr.trim() || stdout.trim()}`);
    return stdout;
  }

  /** Logs in over the network as the target's user, or another one, and runs a command. */
  ssh(command: string, options: Partial<SshOptions> = {}): Promise<Finished> {
    return sshRun(this.pair.client, this, { host: this.address, user: this.user, ...options }, command);
  }

  /** Logs in over the network and stays. */
  session(options: Partial<SshOptions> = {}): Promise<Session> {
    return openSession(this.pair.client, this, { host: this.address, user: this.user, ...options });
  }

  /** Tells the target to reboot, and waits until it is up. */
  async reboot(): Promise<void> {
    const boot = this.boots + 1;
    await this.run(['reboot']);
    await this.untilBoot(boot);
  }

  /** Cuts the power, and boots it again. @param whileOff changes its disk in between */
  async powerCycle(whileOff = () => {}): Promise<void> {
    const boot = this.boots + 1;
    this.whileOff = whileOff;
    this.cut();
    await this.untilBoot(boot);
    this.whileOff = () => {};
  }

  /** Waits until it has come up so many times in all. */
  async untilBoot(boots: number): Promise<void> {
    const end = performance.now() + BOOT_MAY_TAKE;
    while (this.boots < boots) {
      if (performance.now() > end) throw new Error(`the target did not boot again:\n${this.console()}`);
      await sleep(20);
      await this.booting;
    }
  }

  /** Last output on its console. */
  console(): string {
    const file = join(this.dir, 'console');
    return existsSync(file) ? readFileSync(file, 'latin1').slice(-3000) : '';
  }

  /** The control groups of its first process, as this computer sees them. */
  controlGroup(): string {
    return readFileSync(`/proc/${this.leader}/cgroup`, 'latin1');
  }

  /** Journal of a unit, as text. */
  async journal(unit: string): Promise<string> {
    return (await this.run(['journalctl', '--no-pager', '--output=short-monotonic', '-u', unit])).stdout;
  }

  /** Ends it, and deletes its disk and its network. */
  async end(): Promise<void> {
    this.ending = true;
    this.cut();
    await this.booting.catch(() => {});
    if (this.machine) await ended(this.machine);
    this.pair.destroy();
    this.remove();
    this.forget();
  }

  private async prepare({
    system = usualSystem,
    kind = 'ready',
    sudo = 'free',
    disk = '2g',
    machine = [],
    userNamespace,
  }: TargetOptions): Promise<void> {
    this.machineOptions = machine;
    this.userNamespace = userNamespace;
    // Anybody may listen on port 22 there: root of the target would not be allowed to otherwise.
    if (userNamespace === 'foreign-network')
      await must(['ip', 'netns', 'exec', this.pair.target, 'sysctl', '-q', 'net.ipv4.ip_unprivileged_port_start=0']);
    const layer = join(this.dir, 'disk');
    mkdirSync(layer);
    mkdirSync(this.root);
    // It is in memory: a layer needs a file system that accepts layers, and is deleted at once.
    await must(['mount', '-t', 'tmpfs', '-o', `mode=755,size=${disk}`, `knockgate-${this.name}`, layer]);
    mkdirSync(join(layer, 'upper'));
    mkdirSync(join(layer, 'work'));
    const layers = `lowerdir=${targetRoot(kind, system)},upperdir=${join(layer, 'upper')},workdir=${join(layer, 'work')}`;
    await must(['mount', '-t', 'overlay', '-o', layers, `knockgate-${this.name}`, this.root]);
    writeFileSync(join(this.root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
    const asks = sudo === 'free' ? 'NOPASSWD: ALL' : 'ALL';
    writeFileSync(join(this.root, 'etc/sudoers.d/user'), `${this.user} ALL=(ALL) ${asks}\n`, { mode: 0o440 });
    await this.makeKeys();
  }

  private async makeKeys(): Promise<void> {
    const hostKey = join(this.root, 'etc/ssh/ssh_host_ed25519_key');
    for (const file of [hostKey, this.identity])
      await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'rig', '-f', file]);
    const [kind, key] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ');
    writeFileSync(this.knownHosts, `${HOST_ALIAS} ${kind} ${key}\n`);
    for (const home of ['root', `home/${this.user}`]) {
      const folder = join(this.root, home, '.ssh');
      mkdirSync(folder, { mode: 0o700, recursive: true });
      writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${this.identity}.pub`), { mode: 0o600 });
    }
    await must(['chroot', this.root, 'chown', '-R', `${this.user}:`, `/home/${this.user}/.ssh`]);
  }

  private async bootOnce(): Promise<void> {
    const network = `/run/netns/${this.pair.target}`;
    const argv = [
      ...['--quiet', '--boot', '-D', this.root, `--machine=${this.name}`, '--hostname=target'],
      ...(this.userNamespace === undefined ? [] : USER_NAMESPACE),
      ...(this.userNamespace === 'whole' ? ['--private-network'] : []),
      ...(this.userNamespace === undefined ? [`--network-namespace-path=${network}`] : []),
      '--capability=CAP_NET_ADMIN',
      ...['--register=no', '--keep-unit', '--link-journal=no', '--console=pipe', '--resolv-conf=off', '--timezone=off'],
      ...this.machineOptions,
    ];
    const console = openSync(join(this.dir, 'console'), 'a');
    const [program, args] = this.groups.within([
      // It may not enter a network that is not its own; without one of its own it has that of who starts it.
      ...(this.userNamespace === 'foreign-network' ? ['nsenter', `--net=${network}`] : []),
      ...['systemd-nspawn', ...argv],
    ]);
    const machine = spawn(program, args, { detached: true, stdio: ['ignore', console, console] });
    closeSync(console);
    this.machine = machine;
    await this.untilUp(machine);
    this.boots += 1;
    void ended(machine).then((code) => {
      // It was told to end, or it lost its power; a machine that was switched off stays off.
      if (this.ending || code === 0) return;
      this.booting = this.bootAgain();
      this.booting.catch(() => {});
    });
  }

  private async bootAgain(): Promise<void> {
    this.leader = 0;
    this.whileOff();
    await this.pair.replug();
    await this.bootOnce();
  }

  private async untilUp(machine: ChildProcess): Promise<void> {
    const end = performance.now() + BOOT_MAY_TAKE;
    let isPlugged = this.userNamespace !== 'whole';
    for (;;) {
      this.leader = leaderBelow(machine.pid ?? 0) ?? 0;
      // Before it has a network of its own, its first process has this machine's.
      if (!isPlugged && this.leader > 0 && networkOf(this.leader) !== networkOf('self')) {
        await this.pair.plugInto(this.leader);
        isPlugged = true;
      }
      if (isPlugged && this.leader > 0) {
        const { stdout } = await this.run(['sh', '-c', IS_UP], { timeout: 60_000 });
        if (/^(running|degraded)$/m.test(stdout)) return;
      }
      if (machine.exitCode !== null) throw new Error(`the target ended while it booted:\n${this.console()}`);
      if (performance.now() > end) throw new Error(`the target does not come up:\n${this.console()}`);
      await sleep(20);
    }
  }

  /** Ends every process of the target at once. */
  private cut(): void {
    if (this.leader > 0) signalQuietly(this.leader, 'SIGKILL');
    else if (this.machine?.pid) signalQuietly(this.machine.pid, 'SIGKILL');
  }

  /** Removes what must not be left behind. Synchronous, since it also runs while the process exits. */
  private remove(): void {
    this.ending = true;
    this.cut();
    for (const path of [this.root, join(this.dir, 'disk')]) spawnSync('umount', ['--lazy', path]);
    this.groups.remove();
  }
}

const networkOf = (pid: number | 'self') => readlinkSync(`/proc/${pid}/ns/net`);

/** Ids of the target's root and of those above, outside: what is on its disk is given to them when it boots first. */
const USER_NAMESPACE = ['--private-users=1048576:65536', '--private-users-ownership=chown'];

/** systemd is asked, and waits; with OpenRC, sshd listens once the last runlevel has started it. */
const IS_UP = `if test -e /run/openrc
then grep -qs default /run/openrc/softlevel && test -e /run/openrc/started/ssh && echo running
else systemctl is-system-running --wait
fi`;

/** The system that an environment asks for. */
export function systemIn({ KNOCKGATE_TARGET_SYSTEM: name = 'bookworm' }: NodeJS.ProcessEnv): TargetSystem {
  if (name === 'bookworm' || name === 'trixie' || name === 'openrc') return name;
  throw new Error(`KNOCKGATE_TARGET_SYSTEM is invalid: expected bookworm, trixie or openrc, not ${name}`);
}

const SYSTEM = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: '/root' };

/** The first process of the machine: the one below systemd-nspawn that is number 1 to those inside. */
function leaderBelow(pid: number): number | undefined {
  const pids = [pid];
  for (const each of pids) {
    try {
      const status = readFileSync(`/proc/${each}/status`, 'latin1');
      if (/^NSpid:.*\t1$/m.test(status)) return each;
      const children = readFileSync(`/proc/${each}/task/${each}/children`, 'latin1');
      pids.push(...children.split(' ').filter(Boolean).map(Number));
    } catch {
      // It has ended meanwhile, perhaps between the two.
    }
  }
  return undefined;
}

/** Removes the disks of an earlier run that was killed. */
function sweepMounts(): void {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n').reverse()) {
    const [, owner, path] = /^knockgate-kg(\d+)-\d+ (\S+)/.exec(line) ?? [];
    if (owner && path && !isAlive(Number(owner))) spawnSync('umount', ['--lazy', path]);
  }
}
