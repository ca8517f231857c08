import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Result of a finished program. `code` is null when a signal ended it. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** How to run a program to its end. */
export interface RunOptions {
  timeout?: number;
  input?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Waits, in polling loops and for settling times. */
export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Whether a process by that id runs. One that has ended but that nobody has waited for (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    // The state follows the program's name, which is in parentheses and may hold any character.
    return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends a signal; ignores that the process has ended. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already, as wanted.
  }
}

/** Resolves with the exit code once the child has ended, also when it ended long ago. */
export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** Ends a child: sends `signal`, and kills it after `patience` milliseconds. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM', patience = 5000) {
  const insist = setTimeout(() => child.kill('SIGKILL'), patience);
  child.kill(signal);
  const code = await ended(child);
  clearTimeout(insist);
  return code;
}

/** Collects a child's output and waits for its end; on a timeout it is killed and `code` is null. */
export function finish(child: ChildProcess, { timeout = 30_000, input }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    // A program that ends before it has read everything breaks the pipe; its exit code says enough.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Runs a program on the host itself, outside of any namespace. */
export function runHere(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = '', ...args] = argv;
  const { env, cwd } = options;
  return finish(spawn(program, args, { ...(env && { env }), ...(cwd && { cwd }) }), options);
}

/** Runs like `runHere`; any exit code but 0 is an error that shows the program's output. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runHere(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Finds those of the processes that run a program of this name (proc(5) comm). */
export function named(pids: readonly number[], name: string): number[] {
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === name;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}
