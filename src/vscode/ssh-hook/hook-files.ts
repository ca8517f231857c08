import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../client/atomic-file.ts';
import { systemErrorCode } from '../../client/system-error.ts';
import { toBase64Url } from '../../spa/bytes.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { type ConfigChange, readConfig } from '../../ssh/hook/config-change.ts';
import { type HookedHost, includeLine, isUsablePath, managedConfig } from '../../ssh/hook/managed-config.ts';
import { posixScript, windowsScript } from '../../ssh/hook/script.ts';
import { socketPath } from '../../ssh/hook/socket-path.ts';
import type { Computer } from '../ssh-config-files.ts';
import { pathUnusable } from './problems.ts';

/** What decides where the files of the hook are, and what is in them. */
export interface HookFilesIo {
  readonly crypto: CryptoProvider;
  /** The extension's folder, shared by all windows. */
  readonly storage: string;
  /** dist/ssh-hook.cjs as it is installed now. */
  readonly helper: () => string;
  readonly computer: Computer;
  /** The running editor's own program. */
  readonly runtime: string;
}

/** The files of the hook: the script that ssh runs, and the managed file that an SSH configuration includes. */
export class HookFiles {
  /** Where the extension listens; undefined when there is no place for a socket. */
  readonly socket: string | undefined;
  /** The managed file. The hook is on while it is there, for all windows alike. */
  readonly managed: string;
  private readonly io: HookFilesIo;
  private readonly folder: string;
  private readonly script: string;

  constructor(io: HookFilesIo) {
    this.io = io;
    const { storage } = io;
    const { platform, env } = io.computer;
    this.folder = join(storage, 'ssh-hook');
    this.managed = join(this.folder, 'config');
    this.script = join(this.folder, platform === 'win32' ? 'knock.cmd' : 'knock');
    const runtimeFolder = env.XDG_RUNTIME_DIR;
    const hasRuntimeFolder = runtimeFolder?.startsWith('/') && existsSync(runtimeFolder);
    this.socket = socketPath({ platform, storage, runtimeFolder: hasRuntimeFolder ? runtimeFolder : undefined });
  }

  get areThere(): boolean {
    return existsSync(this.managed);
  }

  /** The line that brings the hook into an SSH configuration. */
  get includeLine(): string {
    return includeLine(this.managed, this.io.computer.platform);
  }

  /**
   * Whether the hook can be at all where the extension keeps its files.
   * @throws Problem `ssh-hook-path`
   */
  assertPossible(): void {
    this.scriptText();
  }

  /** What writing the managed file changes. */
  managedChange(hosts: readonly HookedHost[]): ConfigChange {
    const after = Buffer.from(this.managedText(hosts), 'utf8').toString('latin1');
    return { path: this.managed, before: readConfig(this.managed), after };
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
    rmSync(this.folder, { recursive: true, force: true });
  }

  private managedText(hosts: readonly HookedHost[]): string {
    return managedConfig(hosts, { platform: this.io.computer.platform, script: this.script });
  }

  private scriptText(): string {
    const { platform, env } = this.io.computer;
    const unusable = [this.managed, this.script].find((path) => !isUsablePath(path, platform));
    if (unusable !== undefined) throw pathUnusable(unusable);
    if (this.socket === undefined) throw pathUnusable(this.folder);
    const parts = { runtime: this.io.runtime, helper: this.io.helper(), socket: this.socket };
    const script = platform === 'win32' ? windowsScript(parts, env) : posixScript(parts);
    if (script === undefined) throw pathUnusable(parts.helper);
    return script;
  }

  /** Every window writes the same, so a file that says it already is left alone. */
  private put(path: string, text: string, mode: number): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    if (!says(path, text)) replaceFile(path, text, toBase64Url(this.io.crypto.randomBytes(9)), false);
    chmodSync(path, mode);
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
