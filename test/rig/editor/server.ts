import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { WORKBENCH } from '../../../scripts/workbench.mjs';
import { exec, processesIn, run } from '../netns.ts';
import { end, signalQuietly, sleep } from '../process.ts';
import type { Home } from './home.ts';

const STARTS_WITHIN_MS = 120_000;
/** Error of code-server, whose two processes wait only ten seconds for each other: too short on a busy machine. */
const GAVE_UP = /error timed out/;
const MOST_STARTS = 5;
const INSTALLS_WITHIN_MS = 240_000;

/** Part of the workbench without a screen: files, extensions, and the programs that they start. */
export interface Server {
  /** Where a browser in the same namespace finds it, without a slash at the end; or the socket that was asked for. */
  address: string;
  /** Output so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Installs extensions as they are in their files. */
export async function installExtensions(ns: string, home: Home, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const asked = files.flatMap((file) => ['--install-extension', file]);
  // What an extension pack names would be looked for in a gallery, which is out of reach here.
  const offline = { ...home.env, EXTENSIONS_GALLERY: '{}' };
  const done = await run(ns, argv(home, asked), { env: offline, timeout: INSTALLS_WITHIN_MS });
  const installed = done.stdout.match(/was successfully installed/g)?.length ?? 0;
  if (installed < files.length) throw new Error(`code-server: exit ${done.code}: ${done.stdout}${done.stderr}`);
}

/** How the server is started. */
export interface ServerOptions {
  /** Socket in a folder to listen at, instead of a port of loopback. */
  socket?: string;
  /** Port of loopback; undefined for any that is free. */
  port?: number;
  /** Files that replace others, by the path of those. */
  instead?: ReadonlyMap<string, string>;
}

/** Starts the server, and waits until it listens. */
export async function startServer(
  ns: string,
  home: Home,
  { socket, port = 0, instead }: ServerOptions = {},
): Promise<Server> {
  const place =
    socket === undefined ? ['--bind-addr', `127.0.0.1:${port}`] : ['--socket', socket, '--socket-mode', '600'];
  const flags = ['--auth', 'none', '--disable-workspace-trust', ...place];
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  const env = { ...home.env, EXTENSIONS_GALLERY: '{}' };
  let output = '';
  const start = () => {
    const begun = exec(ns, argv(home, [...flags, ...quiet], instead), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [begun.stdout, begun.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return begun;
  };
  let child = start();
  let address = await listening(child, () => output);
  for (let starts = 1; address === undefined && starts < MOST_STARTS; starts += 1) {
    output = '';
    child = start();
    address = await listening(child, () => output);
  }
  if (address === undefined) throw new Error(`code-server does not listen: ${output}`);
  return {
    address,
    output: () => output,
    stop: async () => {
      await end(child);
      await endRest(ns, home);
    },
  };
}

/**
 * Ends processes that the server leaves running for a while, in case the browser comes back: extensions, and their own servers.
 * They are recognized by their home.
 */
async function endRest(ns: string, home: Home): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const pids = processesIn(ns).filter((pid) => isOf(home, pid));
    if (pids.length === 0) return;
    for (const pid of pids) signalQuietly(pid, 'SIGKILL');
    await sleep(20);
  }
}

function isOf(home: Home, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`HOME=${home.folder}`);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** @returns undefined when code-server has given up */
async function listening(child: ChildProcess, output: () => string): Promise<string | undefined> {
  for (let waited = 0; ; waited += 10) {
    const address = /HTTP server listening on ((?:http:|\/)\S+?)\/?\s/.exec(output())?.[1];
    if (address) return address;
    if (child.exitCode !== null && GAVE_UP.test(output())) return undefined;
    if (child.exitCode !== null || waited > STARTS_WITHIN_MS) {
      await end(child, 'SIGKILL');
      throw new Error(`code-server does not listen: ${output()}`);
    }
    await sleep(10);
  }
}

function argv(home: Home, args: readonly string[], instead?: ReadonlyMap<string, string>): string[] {
  const places = ['--user-data-dir', home.userData, '--extensions-dir', home.extensions];
  return home.argv([WORKBENCH.node, WORKBENCH.server, ...places, ...args], instead);
}
