import { execFileSync, spawn } from 'node:child_process';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';
import type { ActionResult } from './request.ts';

/** A command, and the user that it runs as. */
export interface Run {
  readonly user: string;
  readonly program: string;
  readonly words: readonly string[];
  /** Seconds after which it is killed. */
  readonly timeout: number;
  /** Variables beside those that every program gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Text for its standard input; otherwise there is nothing to read. */
  readonly input?: string;
}

/**
 * Runs a program as a user, with that user's own group only, without a shell, and with a fixed environment.
 * @throws an error when it cannot be started
 */
export function runAs({ user, program, words, timeout, environment = {}, input }: Run): Promise<ActionResult> {
  const ids = idsOf(user);
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      ...ids,
      cwd: '/',
      env: { ...SYSTEM_ENVIRONMENT, ...environment },
      // Its output goes to the journal, like our own.
      stdio: [input === undefined ? 'ignore' : 'pipe', 2, 2],
      // It has a process group of its own, so that everything that it started ends with it.
      detached: true,
    });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of them have ended.
      }
    };
    const timer = setTimeout(end, timeout * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      end();
      resolve(code === null ? { kind: 'killed' } : { kind: 'exit', code });
    });
    // A program need not read what it is given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Ids of a user, from any source that the system has. */
function idsOf(user: string): { uid: number; gid: number } {
  const ask = (option: string): number => {
    const text = execFileSync('id', [option, '--', user], { env: SYSTEM_ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' });
    if (!/^[0-9]+\n$/.test(text)) throw new Error(`there is no user ${user}`);
    return Number(text);
  };
  return { uid: ask('-u'), gid: ask('-g') };
}
