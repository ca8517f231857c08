import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { Shell } from './shell.ts';

/** The user who ran this program as root. */
export interface Invoker {
  readonly uid: number;
  readonly name: string;
}

/** The user who ran sudo, as sudo says (sudo(8), ENVIRONMENT); undefined for everybody but root. */
export function sudoInvoker({ owner, env }: Pick<Shell, 'owner' | 'env'>): Invoker | undefined {
  const { SUDO_UID: digits = '', SUDO_USER: name = '' } = env;
  if (owner !== 0 || !/^[1-9][0-9]{0,9}$/.test(digits) || name === '') return undefined;
  return { uid: Number(digits), name };
}

/**
 * Shell of the user who ran sudo: with their home folder, their configuration and, since that names files, only their right to read
 * files. sudo may allow them nothing else as root. Undefined without sudo, or when their home is unknown: a user without a line in
 * /etc/passwd (passwd(5)) runs `sudo HOME="$HOME" …`.
 */
export function shellOfInvoker(shell: Shell, passwd = '/etc/passwd'): Shell | undefined {
  const invoker = sudoInvoker(shell);
  if (invoker === undefined) return undefined;
  const lines = readLines(passwd).map((line) => line.split(':'));
  const home = lines.find(([name, , uid]) => name === invoker.name && uid === String(invoker.uid))?.[5];
  if (home === undefined || !home.startsWith('/')) return undefined;
  const { uid, name } = invoker;
  const env = { ...shell.env, XDG_CONFIG_HOME: undefined };
  return { ...shell, owner: uid, userName: () => name, homeFolder: posix.normalize(home), env };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
