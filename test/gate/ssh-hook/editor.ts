import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { bundleForFakeEditor } from '../../rig/fake-editor.ts';
import { exec } from '../../rig/netns.ts';
import { end } from '../../rig/process.ts';

/** The result of a command. */
export interface Told {
  readonly shown: readonly string[];
  /** Before and after of each change that was shown. */
  readonly compared: readonly (readonly [string, string])[];
  readonly logged: readonly string[];
}

/** Where an editor lives. */
export interface Desk {
  readonly ns: string;
  readonly home: string;
  /** Replaces the password file, where ssh looks for the home folder. */
  readonly passwd: string;
  readonly storage: string;
  readonly runtimeFolder: string;
  readonly key: string;
  readonly hosts: Record<string, unknown>;
}

/** Bundles the program of `editor-program.ts` into a folder. */
export function buildEditor(folder: string): Promise<string> {
  return bundleForFakeEditor(resolve('test/gate/ssh-hook/editor-program.ts'), folder);
}

/** A window of the editor with the extension in it. */
export class Editor {
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  private constructor(child: ChildProcess, lines: Interface) {
    this.child = child;
    this.lines = lines;
  }

  static async open(program: string, desk: Desk): Promise<Editor> {
    const atHome = ['sh', '-c', 'mount --bind "$1" /etc/passwd && exec "$2" "$3"', 'sh', desk.passwd];
    const child = exec(desk.ns, [...atHome, process.execPath, program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        HOME: desk.home,
        XDG_RUNTIME_DIR: desk.runtimeFolder,
        EDITOR_STORAGE: desk.storage,
        EDITOR_HELPER: resolve('dist/ssh-hook.cjs'),
        EDITOR_KEY: desk.key,
        EDITOR_HOSTS: JSON.stringify(desk.hosts),
      },
    });
    if (child.stdout === null) throw new Error('the editor has no output');
    const editor = new Editor(child, createInterface({ input: child.stdout }));
    await editor.told();
    return editor;
  }

  /** Runs a command of the extension, agreeing to what it asks; or sets the hosts, given as JSON. */
  async do(line: string): Promise<Told> {
    const told = this.told();
    this.child.stdin?.write(`${line}\n`);
    return await told;
  }

  /** As a window is closed: the extension is told. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.stdin?.write('close\n');
    await gone;
  }

  /** Stops the editor like one that hangs: a client that connects has to wait. */
  hang(): void {
    this.child.kill('SIGSTOP');
  }

  /** As an editor crashes. */
  async crash(): Promise<void> {
    await end(this.child, 'SIGKILL');
  }

  private async told(): Promise<Told> {
    const [line] = await once(this.lines, 'line');
    return JSON.parse(String(line)) as Told;
  }
}
