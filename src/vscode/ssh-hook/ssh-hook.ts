import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../client/atomic-file.ts';
import type { Clock } from '../../client/clock.ts';
import { systemErrorCode } from '../../client/system-error.ts';
import { toBase64Url } from '../../spa/bytes.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { includeLine, isUsablePath, managedConfig } from '../../ssh/hook/managed-config.ts';
import { posixScript, windowsScript } from '../../ssh/hook/script.ts';
import { Seat } from '../../ssh/hook/seat.ts';
import { hookServer } from '../../ssh/hook/server.ts';
import { socketPath } from '../../ssh/hook/socket-path.ts';
import type { Door, Doors } from '../doors.ts';
import type { HostBook } from '../host-book.ts';
import type { HostStates } from '../host-states.ts';
import type { Knocker } from '../knocker.ts';
import type { Log } from '../log.ts';
import { asProblem, logProblem } from '../show-problem.ts';
import { type Computer, ownConfigPath } from '../ssh-config-files.ts';
import { pathUnusable } from './problems.ts';

/** What the hook needs of the running extension and of this computer. */
export interface SshHookIo {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly log: Log;
  readonly knocker: Pick<Knocker, 'knock'>;
  readonly states: HostStates;
  readonly hosts: () => HostBook;
  readonly doors: Pick<Doors, 'known' | 'find'>;
  /** The extension's folder, shared by all windows. */
  readonly storage: string;
  /** dist/ssh-hook.cjs as it is installed now. */
  readonly helper: () => string;
  readonly computer: Computer;
  /** The running editor's own program. */
  readonly runtime: string;
}

/** How often a window looks whether the hook is on, and whether somebody answers it. */
const LOOK_EVERY_MS = 2000;
/**
 * A door that was seen open this short a time ago is not looked at again: each look is a connection without a login, and
 * sshd punishes addresses that make many of them.
 */
const TRUST_MS = 10_000;
/** What is left of a grant must be enough to connect. */
const LEAST_LEFT_MS = 5000;
/** A window that opens has knocked by itself, maybe in another process than this, just before its ssh asks. */
const SAME_MOMENT_MS = 3000;

/**
 * The opt-in hook: every ssh of this user (in a terminal of the editor or elsewhere, under git, from the SSH extension) asks
 * the running extension to knock first. It is on while its managed file is there, for all windows alike.
 */
export class SshHook {
  private readonly io: SshHookIo;
  private readonly folder: string;
  private readonly managed: string;
  private readonly script: string;
  private readonly socket: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private seat: Seat | undefined;

  constructor(io: SshHookIo) {
    this.io = io;
    const { storage } = io;
    const { platform, env } = io.computer;
    const isWindows = platform === 'win32';
    this.folder = join(storage, 'ssh-hook');
    this.managed = join(this.folder, 'config');
    this.script = join(this.folder, isWindows ? 'knock.cmd' : 'knock');
    const runtimeFolder = env.XDG_RUNTIME_DIR;
    const hasRuntimeFolder = runtimeFolder?.startsWith('/') && existsSync(runtimeFolder);
    this.socket = socketPath({ platform, storage, runtimeFolder: hasRuntimeFolder ? runtimeFolder : undefined });
  }

  /** Begins to answer, or to wait for its being turned on. */
  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.refresh();
  }

  get isOn(): boolean {
    return existsSync(this.managed);
  }

  /** The line that brings the hook into an SSH configuration. */
  get includeLine(): string {
    return includeLine(this.managed, this.io.computer.platform);
  }

  /** The SSH configurations that want that line: the person's own, and the one that the SSH extension is told to use. */
  get configs(): readonly string[] {
    const { computer } = this.io;
    return [...new Set([join(computer.homeFolder, '.ssh', 'config'), ownConfigPath(computer)])];
  }

  /**
   * Whether the hook can be at all where the extension keeps its files.
   * @throws Problem `ssh-hook-path`
   */
  assertPossible(): void {
    this.texts();
  }

  /**
   * Writes the files of the hook. Nobody reads them before an SSH configuration includes them.
   * @throws Problem `ssh-hook-path`; the system's error
   */
  turnOn(): void {
    this.write();
    this.look();
    this.learnWays();
  }

  /** Removes the files of the hook; an SSH configuration that still includes them is none the worse for it. */
  turnOff(): void {
    this.giveUpSeat();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The hosts, or where the extension is installed, may be others than before. */
  refresh(): void {
    if (!this.isOn) return;
    try {
      this.write();
    } catch (error) {
      logProblem(error, this.io.log);
    }
    this.look();
    this.learnWays();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.giveUpSeat();
  }

  private write(): void {
    const { script, managed } = this.texts();
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.put(this.script, script, 0o700);
    this.put(this.managed, managed, 0o600);
  }

  private texts(): { readonly script: string; readonly managed: string } {
    const { platform, env } = this.io.computer;
    const unusable = [this.managed, this.script].find((path) => !isUsablePath(path, platform));
    if (unusable !== undefined) throw pathUnusable(unusable);
    if (this.socket === undefined) throw pathUnusable(this.folder);
    const parts = { runtime: this.io.runtime, helper: this.io.helper(), socket: this.socket };
    const script = platform === 'win32' ? windowsScript(parts, env) : posixScript(parts);
    if (script === undefined) throw pathUnusable(parts.helper);
    const names = [...this.io.hosts().hosts.keys()];
    return { script, managed: managedConfig(names, { platform, script: this.script }) };
  }

  /** Every window writes the same, so whoever finds it written leaves it. */
  private put(path: string, text: string, mode: number): void {
    if (!isTheSame(path, text)) replaceFile(path, text, toBase64Url(this.io.crypto.randomBytes(9)), false);
    chmodSync(path, mode);
  }

  /** Takes the seat, waits for it, or gives it up because another window has turned the hook off. */
  private look(): void {
    if (!this.isOn || this.socket === undefined) {
      this.giveUpSeat();
      return;
    }
    this.seat ??= new Seat(this.socket, {
      platform: this.io.computer.platform,
      clock: this.io.clock,
      newServer: () => hookServer({ ...this.io, ...this.service }),
      token: () => toBase64Url(this.io.crypto.randomBytes(9)),
    });
    this.seat.tryToTake().catch((error) => this.io.log.debug(`ssh hook: ${error}`));
  }

  private giveUpSeat(): void {
    this.seat?.leave();
    this.seat = undefined;
  }

  private readonly service = {
    isConfigured: (alias: string) => this.doorOf(alias) !== undefined,
    isOpen: (alias: string) => {
      const { states, clock } = this.io;
      const state = states.get(this.doorOf(alias)?.host.name ?? alias);
      if (state.kind !== 'open' || state.untilMs - clock.wallMs() < LEAST_LEFT_MS) return false;
      return state.answer !== undefined && clock.wallMs() - state.answer.atMs < TRUST_MS;
    },
    knock: async (alias: string) => {
      const door = this.doorOf(alias);
      if (door === undefined) return;
      const request = { reason: 'ssh', force: false, trustMs: SAME_MOMENT_MS };
      try {
        await this.io.knocker.knock(door, request, new AbortController().signal);
      } catch (error) {
        logProblem(error, this.io.log);
      }
    },
  };

  /** Asks ssh for the ways that it was never asked for: while an ssh waits for the hook there is no time to. */
  private async learnWays(): Promise<void> {
    const { hosts, doors, log } = this.io;
    for (const host of hosts().hosts.keys()) {
      const destination = { host, user: undefined, port: undefined };
      const door = doors.known(destination);
      if (door === undefined || door.sshName !== undefined) continue;
      // A gate that is out of reach is one to know of, too; there the hook has nothing to do.
      await doors.find(destination).catch((error) => log.debug(asProblem(error).message));
    }
  }

  /** By what is known of the way: to ask ssh anew would take too long, and it runs the hook for each jump by itself. */
  private doorOf(alias: string): Door | undefined {
    const isOurs = this.io.hosts().hosts.has(alias);
    return isOurs ? this.io.doors.known({ host: alias, user: undefined, port: undefined }) : undefined;
  }
}

function isTheSame(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}
