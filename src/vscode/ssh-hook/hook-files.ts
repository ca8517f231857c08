import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '../../base/bytes.ts';
import { replaceFile } from '../../os/atomic-file.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { type ConfigChange, readConfig } from '../../ssh/hook/config-change.ts';
import { type HookedHost, includeLine, isUsablePath, managedConfig } from '../../ssh/hook/managed-config.ts';
import { posixScript, windowsScript } from '../../ssh/hook/script.ts';
import { socketPath } from '../../ssh/hook/socket-path.ts';
import { pathForSsh, windowsFolders } from '../../ssh/hook/windows-folder.ts';
import type { Computer } from '../ssh/ssh-config-files.ts';
import { pathUnusable } from './problems.ts';

/** Facts that decide where the files of the hook are, and what they contain. */
export interface HookFilesIo {
  readonly crypto: CryptoProvider;
  /** Folder of the extension, shared by all windows. */
  readonly storage: string;
  /** Path of dist/ssh-hook.cjs as it is installed now. */
  readonly helper: () => string;
  readonly computer: Computer;
  /** Program of the running editor. */
  readonly runtime: string;
  /** Short path (8.3) that Windows keeps for old programs; undefined when there is none. */
  readonly shortPath: (folder: string) => string | undefined;
}

const MANAGED = 'config';

/** Files of the hook: the script that ssh runs, and the managed file that an SSH configuration includes. */
export class HookFiles {
  private readonly io: HookFilesIo;
  /** Folders for the files, in order of preference. */
  private readonly folders: readonly string[];
  private foundFolder: string | undefined;

  constructor(io: HookFilesIo) {
    this.io = io;
    const { storage } = io;
    const { platform, env } = io.computer;
    this.folders = platform === 'win32' ? windowsFolders(storage, env) : [join(storage, 'ssh-hook')];
  }

  /** Path at which the extension listens; undefined when no path fits a socket. */
  get socket(): string | undefined {
    const { computer, storage } = this.io;
    if (computer.platform === 'win32') return this.findFolder() && join(this.folder, 'pipe');
    const runtimeFolder = computer.env.XDG_RUNTIME_DIR;
    const hasRuntimeFolder = runtimeFolder?.startsWith('/') && existsSync(runtimeFolder);
    return socketPath({ storage, runtimeFolder: hasRuntimeFolder ? runtimeFolder : undefined });
  }

  /** Whether the hook is on, for all windows: its managed file says so by being there. */
  get areThere(): boolean {
    return this.folders.some((folder) => existsSync(join(folder, MANAGED)));
  }

  /** Line that includes the hook in an SSH configuration. */
  get includeLine(): string {
    return includeLine(this.managed, this.io.computer.platform);
  }

  /**
   * Makes sure that the hook is possible where the extension keeps its files.
   * @throws Problem `ssh-hook-path`
   */
  assertPossible(): void {
    this.scriptText();
  }

  /** Change of the managed file for these hosts. */
  managedChange(hosts: readonly HookedHost[]): ConfigChange {
    const { managed } = this;
    const after = Buffer.from(this.managedText(hosts), 'utf8').toString('latin1');
    return { path: managed, before: readConfig(managed), after };
  }

  /** @throws Problem `ssh-hook-path`; the system's error */
  writeScript(): void {
    this.put(this.script, this.scriptText(), 0o700);
  }

  /** @throws the system's error */
  writeManaged(hosts: readonly HookedHost[]): void {
    this.put(this.managed, this.managedText(hosts), 0o600);
  }

  remove(): void {
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }

  private managedText(hosts: readonly HookedHost[]): string {
    return managedConfig(hosts, { platform: this.io.computer.platform, script: this.script });
  }

  private scriptText(): string {
    const { platform, env } = this.io.computer;
    const { socket } = this;
    if (socket === undefined) throw pathUnusable(this.folder, platform);
    const parts = { runtime: this.io.runtime, helper: this.io.helper(), socket, pidNamespace: pidNamespace() };
    const script = platform === 'win32' ? windowsScript(parts, env) : posixScript(parts);
    if (script === undefined) throw pathUnusable(parts.helper, platform);
    return script;
  }

  get managed(): string {
    return join(this.folder, MANAGED);
  }

  private get script(): string {
    return join(this.folder, this.io.computer.platform === 'win32' ? 'knock.cmd' : 'knock');
  }

  /** @throws Problem `ssh-hook-path` */
  private get folder(): string {
    const folder = this.findFolder();
    if (folder === undefined) throw pathUnusable(this.folders.join(', '), this.io.computer.platform);
    return folder;
  }

  /** Folder of the files, under a path that ssh and its shell read correctly; undefined when there is none. */
  private findFolder(): string | undefined {
    const { computer, shortPath } = this.io;
    const { platform } = computer;
    this.foundFolder ??=
      platform === 'win32'
        ? pathForSsh(this.folders, shortPath)
        : this.folders.find((folder) => isUsablePath(folder, platform));
    return this.foundFolder;
  }

  /** Writes a file, unless it already has this text: every window writes the same. */
  private put(path: string, text: string, mode: number): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    if (!says(path, text)) replaceFile(path, text, toBase64Url(this.io.crypto.randomBytes(9)), false);
    chmodSync(path, mode);
  }
}

/** Process ids say something only where this is the same. Empty where the system has no such thing. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return '';
  }
}

function says(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}
