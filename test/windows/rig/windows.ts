import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, cpSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../../../scripts/install.mjs';
import { WINE, WINE_ENV } from '../../../scripts/wine.mjs';
import { atEnd } from '../../rig/cleanup.ts';
import { ended, type Finished, isAlive } from '../../rig/process.ts';

export interface WindowsOptions {
  /** The network namespace that everything in it lives in; this process's own unless said otherwise. */
  ns?: string;
}

/** How a program is run. */
export interface WindowsRun {
  /** Variables of Windows beside those that it has anyway. */
  env?: Readonly<Record<string, string>>;
  /** As Linux sees it. */
  cwd?: string;
  /** In milliseconds. */
  timeout?: number;
}

/** A program that was started. */
export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

let counter = 0;

/**
 * Windows, as Wine plays it, with a disk, a registry and processes of its own. Wine's server makes the sockets of all programs, so
 * it is started in the namespace too. Programs write into files: Node for Windows cannot have a pipe of Linux as its output.
 */
export class Windows {
  /** Its disk C:, as Linux sees it. */
  readonly disk: string;
  private readonly prefix: string;
  private readonly dir: string;
  private readonly ns: string | undefined;
  private readonly forget: () => void;
  private runs = 0;

  constructor({ ns }: WindowsOptions = {}) {
    this.ns = ns;
    sweep();
    counter += 1;
    const takeBack = atEnd(() => this.end());
    this.dir = join(CACHE, `windows-${process.pid}-${counter}`);
    this.forget = () => {
      takeBack();
      rmSync(this.dir, { recursive: true, force: true });
    };
    mkdirSync(this.dir);
    this.prefix = join(this.dir, 'prefix');
    this.disk = join(this.prefix, 'drive_c');
    copyPrefix(WINE.prefix, this.prefix);
  }

  /** The folder of the user, as Linux sees it. */
  get home(): string {
    return join(this.disk, 'users', USER);
  }

  /** Runs a program of Windows to its end; on a timeout it is killed, and `code` is null. */
  run(program: string, args: readonly string[], options: WindowsRun = {}): Promise<Finished> {
    return this.start(program, args, options).finished;
  }

  /** Runs Node for Windows to its end. */
  node(args: readonly string[], options: WindowsRun = {}): Promise<Finished> {
    return this.run(WINE.node, args, options);
  }

  /** Starts a program of Windows, and leaves it running. */
  start(program: string, args: readonly string[], { env, cwd, timeout = 60_000 }: WindowsRun = {}): Started {
    this.runs += 1;
    const files = ['out', 'err'].map((name) => join(this.dir, `${this.runs}.${name}`));
    const [out, err] = files.map((file) => openSync(file, 'w'));
    const inside = this.ns === undefined ? [] : ['ip', 'netns', 'exec', this.ns];
    const [first = '', ...rest] = [...inside, ...SOONER, 'wine', program, ...args];
    const child = spawn(first, rest, { cwd, env: { ...this.env, ...env }, stdio: ['ignore', out, err] });
    for (const file of [out, err]) if (file !== undefined) closeSync(file);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    const finished = ended(child).then((code) => {
      clearTimeout(timer);
      const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
      return { code, stdout, stderr };
    });
    return { child, finished };
  }

  /** Ends everything in it, and deletes it. */
  end(): void {
    spawnSync('wineserver', ['--kill'], { env: this.env, timeout: 10_000 });
    this.forget();
  }

  /** Nothing of the environment of Linux gets in. */
  private get env(): NodeJS.ProcessEnv {
    return { ...WINE_ENV, PATH: process.env.PATH, USER, HOME: this.dir, WINEPREFIX: this.prefix };
  }
}

/**
 * A program under Wine asks Wine's server for everything, and waits for each answer. At the same priority as busy programs,
 * it would wait many times longer than it works.
 */
const SOONER = ['nice', '-n', '-5'];

/** Wine names the user after the one of Linux. */
const USER = 'root';

/** A path of Linux as Windows sees it, by way of the disk that Wine makes of `/`. */
export function seenFromWindows(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** Windows's own programs are linked, since nobody changes them; all else is copied. */
function copyPrefix(from: string, to: string): void {
  const windows = join(from, 'drive_c/windows');
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter: (path) => path !== windows });
  linkAll(windows, join(to, 'drive_c/windows'));
}

function linkAll(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [here, there] = [from, to].map((folder) => join(folder, entry.name)) as [string, string];
    if (entry.isDirectory()) linkAll(here, there);
    else linkSync(here, there);
  }
}

/** Deletes what an earlier run, killed hard, had no time to delete. */
function sweep(): void {
  for (const name of readdirSync(CACHE)) {
    const owner = /^windows-(\d+)-/.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
