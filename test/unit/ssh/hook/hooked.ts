import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as esbuild from 'esbuild';
import { onTestFinished } from 'vitest';
import { OpenWindow } from '../../../../src/ssh/hook/open-window.ts';
import { posixScript, windowsScript } from '../../../../src/ssh/hook/script.ts';
import { socketIn, temporaryFolder } from '../../client/support.ts';

const NAMESPACE = '/proc/self/ns/pid';
const IS_WINDOWS = process.platform === 'win32';

/** The helper as the build bundles it. */
export async function bundleHelper(): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: ['src/ssh/hook/helper.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** The result of a run. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The script and the helper as ssh runs them, and a server in this process that answers as the test says. */
export class Hooked {
  readonly script: string;
  readonly socket: string;
  readonly heard: string[] = [];
  readonly server: Server;

  private constructor(helper: string, answer: (heard: string) => string | undefined, namespace: string) {
    const folder = temporaryFolder();
    this.socket = socketIn(folder);
    this.script = join(folder, `it's knock${IS_WINDOWS ? '.cmd' : ''}`);
    const file = join(folder, "it's ssh-hook.cjs");
    writeFileSync(file, helper);
    const place = IS_WINDOWS ? join(folder, 'pipe') : this.socket;
    if (IS_WINDOWS) writeFileSync(place, `${this.socket}\r\n`);
    const parts = { runtime: process.execPath, helper: file, socket: place, pidNamespace: namespace };
    const script = IS_WINDOWS ? windowsScript(parts, {}) : posixScript(parts);
    writeFileSync(this.script, script ?? '', { mode: 0o700 });
    this.server = createServer((socket) => {
      socket.setEncoding('utf8').on('data', (heard: string) => {
        this.heard.push(heard);
        const reply = answer(heard);
        if (reply !== undefined) socket.end(reply);
      });
      socket.on('error', () => {});
    });
    onTestFinished(() => {
      this.server.close();
    });
  }

  /**
   * @param answer undefined to leave the asker without one
   * @param namespace that of the process ids
   */
  static async start(
    helper: string,
    answer: (heard: string) => string | undefined,
    namespace = existsSync(NAMESPACE) ? readlinkSync(NAMESPACE) : '',
  ): Promise<Hooked> {
    const hooked = new Hooked(helper, answer, namespace);
    await new Promise<void>((resolve) => hooked.server.listen(hooked.socket, resolve));
    return hooked;
  }

  /** Says that a process is a window of the editor; on Windows no script asks for that. */
  enterWindow(pid: number, answersTheHook: boolean): void {
    if (!IS_WINDOWS) new OpenWindow(this.socket, pid).enter(answersTheHook);
  }

  /** Closes the server, as when the editor is closed. */
  async close(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }

  spawn(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    // Windows runs a batch file by its shell, as ssh does there.
    const [program = '', ...words] = [...(IS_WINDOWS ? ['cmd.exe', '/d', '/c'] : []), this.script, ...args];
    return spawn(program, words, { env: { ...process.env, ...env } });
  }

  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
    return ended(this.spawn(args, env));
  }
}

/** Output of a process until it ends. */
export async function ended(child: ChildProcess): Promise<Ran> {
  const { stdout, stderr } = child;
  const [[code], out, err] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    stdout === null ? '' : text(stdout),
    stderr === null ? '' : text(stderr),
  ]);
  return { code, out, err };
}
