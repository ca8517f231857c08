import { existsSync } from 'node:fs';
import { win32 } from 'node:path';

/** Places in which programs are searched. */
export interface ProgramPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds what to give to `spawn` for an installed program. On Windows `spawn` looks in the current folder before `PATH`, and a
 * folder that somebody has downloaded may hold an `ssh.exe`: there the program is looked for here, along `PATH` only.
 * @param name without an ending; a path is returned as it is
 * @returns a path of no file when a program is not there on Windows: `spawn` then fails with ENOENT, as it does elsewhere
 */
export function findProgram(name: string, { platform, env }: ProgramPlace, exists = existsSync): string {
  if (platform !== 'win32' || /[\\/]/.test(name)) return name;
  const file = /\.exe$/i.test(name) ? name : `${name}.exe`;
  const folders = variable(env, 'PATH').split(win32.delimiter).filter(win32.isAbsolute);
  const found = folders.map((folder) => win32.join(folder, file)).find((path) => exists(path));
  return found ?? win32.join(variable(env, 'SystemRoot') || 'C:\\Windows', 'System32', file);
}

/** Reads a variable. Names of variables have no case on Windows, which itself writes `Path`. */
function variable(env: ProgramPlace['env'], name: string): string {
  const key = Object.keys(env).find((each) => each.toUpperCase() === name.toUpperCase());
  return (key === undefined ? undefined : env[key]) ?? '';
}
