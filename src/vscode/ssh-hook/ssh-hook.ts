import { join } from 'node:path';
import type { Disposable } from 'vscode';
import { toBase64Url } from '../../base/bytes.ts';
import type { ConfigChange } from '../../ssh/hook/config-change.ts';
import { HookLeader } from '../../ssh/hook/leader.ts';
import type { HookedHost } from '../../ssh/hook/managed-config.ts';
import { OpenPorts } from '../../ssh/hook/open-ports.ts';
import { OpenWindow } from '../../ssh/hook/open-window.ts';
import { hookServer } from '../../ssh/hook/server.ts';
import { asProblem, logProblem } from '../ask/show-problem.ts';
import { type Interfaces, ownAddresses } from '../auto-knock/network.ts';
import type { Doors } from '../knock/doors.ts';
import { haveChanged, ownConfigPath, readSshConfigs, type SshConfigs } from '../ssh/ssh-config-files.ts';
import { HookFiles, type HookFilesIo } from './hook-files.ts';
import { type HookServiceIo, hookService, openPorts } from './hook-service.ts';

export interface SshHookIo extends HookFilesIo, HookServiceIo {
  readonly doors: Pick<Doors, 'known' | 'find' | 'isDirect'>;
  readonly interfaces: () => Interfaces;
}

/** Time between looks: whether the hook is on, whether a window answers it, and whether an SSH configuration has changed. */
const LOOK_EVERY_MS = 2000;

/**
 * The opt-in hook: every ssh of this user (in a terminal of the editor or elsewhere, under git, from the SSH extension) asks the
 * running extension to knock first. It is on, for all windows, while its managed file exists.
 */
export class SshHook {
  readonly files: HookFiles;
  private readonly io: SshHookIo;
  private timer: NodeJS.Timeout | undefined;
  private leader: HookLeader | undefined;
  private openWindow: OpenWindow | undefined;
  private openPorts: OpenPorts | undefined;
  private follows: Disposable | undefined;
  /** Our own addresses, and since when they are ours: what was opened from others is shut from here. */
  private network: { readonly addresses: string; readonly sinceMs: number };
  private lastRead: { readonly paths: string; readonly configs: SshConfigs } | undefined;
  /** SSH configurations for which ssh was last asked for the routes to the hosts. */
  private learnedOf: SshConfigs | undefined;
  private isLearning = false;

  constructor(io: SshHookIo) {
    this.io = io;
    this.files = new HookFiles(io);
    this.network = { addresses: ownAddresses(io.interfaces()), sinceMs: 0 };
  }

  /** Begins to answer, or to wait until the hook is turned on. */
  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.follows = this.io.states.onDidChange(() => this.tellDoors());
    this.refresh();
  }

  get isOn(): boolean {
    return this.files.areThere;
  }

  /** SSH configurations that need the line of the hook: the person's own, and the one that the SSH extension uses. */
  get configs(): readonly string[] {
    const { computer } = this.io;
    return [...new Set([join(computer.sshHome, '.ssh', 'config'), ownConfigPath(computer)])];
  }

  /**
   * Change of the managed file that turns the hook on, by the routes to the hosts that ssh takes now.
   * @throws Problem `ssh-hook-path`, and those of reading a configuration
   */
  async plan(): Promise<ConfigChange> {
    this.files.assertPossible();
    await this.askForWays();
    return this.files.managedChange(this.hosts());
  }

  /**
   * Writes the files of the hook. Nobody reads them before an SSH configuration includes them.
   * @throws Problem `ssh-hook-path`; the system's error
   */
  turnOn(): void {
    this.files.writeScript();
    this.files.writeManaged(this.hosts());
    this.look();
  }

  /** Removes the files of the hook. An SSH configuration that still includes them works as before. */
  turnOff(): void {
    this.giveUpSeat();
    this.files.remove();
  }

  /** Reacts to other hosts, or to another place of the extension. */
  refresh(): void {
    if (!this.isOn) return;
    this.learnedOf = undefined;
    try {
      this.files.writeScript();
    } catch (error) {
      logProblem(error, this.io.log);
    }
    this.look();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.follows?.dispose();
    this.giveUpSeat();
  }

  /** Leads, waits until the leader is gone, or stops because another window has turned the hook off. */
  private look(): void {
    const socket = this.isOn ? this.files.socket : undefined;
    if (socket === undefined) {
      this.giveUpSeat();
      return;
    }
    this.leader ??= new HookLeader(socket, {
      platform: this.io.computer.platform,
      clock: this.io.clock,
      newServer: () => hookServer(hookService(this.io)),
      token: () => toBase64Url(this.io.crypto.randomBytes(9)),
    });
    const { leader } = this;
    // At once: the SSH extension may run the hook as soon as this extension has started.
    this.enter(socket, leader.isLeading);
    leader
      .tryToLead()
      .then(() => {
        if (leader !== this.leader) return;
        this.enter(socket, leader.isLeading);
        if (leader.isLeading) this.learn().catch((error) => logProblem(error, this.io.log));
      })
      // It is tried again and again, so it is logged once.
      .catch((error) => this.io.log.debug(`ssh hook: ${error}`));
  }

  /** Tells the hook's script that this is a window. On Windows the hook has no ProxyCommand, so nobody asks for it. */
  private enter(socket: string, answers: boolean): void {
    if (this.io.computer.platform === 'win32') return;
    this.openWindow ??= new OpenWindow(socket, process.pid);
    try {
      this.openWindow.enter(answers);
      if (answers) this.openWindow.forgetDead();
      if (answers) this.openPorts ??= new OpenPorts(socket);
      else this.openPorts = undefined;
    } catch (error) {
      this.io.log.debug(`ssh hook: ${error}`);
    }
    this.tellDoors();
  }

  /** Tells the hook's script which ports are open. The window that answers the hook does so for all. */
  private tellDoors(): void {
    if (this.openPorts === undefined) return;
    const addresses = ownAddresses(this.io.interfaces());
    if (addresses !== this.network.addresses) this.network = { addresses, sinceMs: this.io.clock.wallMs() };
    try {
      this.openPorts.tell(openPorts(this.io, this.network.sinceMs));
    } catch (error) {
      this.io.log.debug(`ssh hook: ${error}`);
    }
  }

  private giveUpSeat(): void {
    this.leader?.resign();
    this.openWindow?.leave();
    this.openPorts?.clear();
    this.leader = undefined;
    this.openWindow = undefined;
    this.openPorts = undefined;
    this.learnedOf = undefined;
  }

  /**
   * Asks ssh for the routes to the hosts whenever they may have changed, since there is no time for it while an ssh waits, and
   * writes the managed file. The window that answers the hook does so for all.
   */
  private async learn(): Promise<void> {
    const configs = this.currentConfigs();
    if (this.isLearning || configs === this.learnedOf) return;
    this.isLearning = true;
    this.learnedOf = configs;
    try {
      await this.askForWays();
      if (this.isOn) this.files.writeManaged(this.hosts());
    } finally {
      this.isLearning = false;
    }
  }

  private async askForWays(): Promise<void> {
    const { hosts, doors, log } = this.io;
    for (const host of hosts().hosts.keys()) {
      const destination = { host, user: undefined, port: undefined };
      // A gate that is out of reach counts too; there the hook has nothing to do.
      await doors.find(destination).catch((error) => log.debug(asProblem(error).message));
    }
  }

  private hosts(): HookedHost[] {
    const { hosts, doors } = this.io;
    // ssh's route may hold only now: later the connection might bypass a jump host of the person's own.
    const { isConditional } = this.currentConfigs();
    return [...hosts().hosts.keys()].map((name) => ({ name, mayBeCarried: !isConditional && doors.isDirect(name) }));
  }

  /** SSH configurations without our own file, whose conditions ask this hook. They are read again only when a file has changed. */
  private currentConfigs(): SshConfigs {
    const paths = this.configs.join('\n');
    if (this.lastRead?.paths !== paths || haveChanged(this.lastRead.configs)) {
      const configs = readSshConfigs(this.configs, this.io.computer, this.files.managed);
      this.lastRead = { paths, configs };
    }
    return this.lastRead.configs;
  }
}
