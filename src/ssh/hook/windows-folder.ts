import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { win32 } from 'node:path';
import { findProgram } from '../../os/find-program.ts';
import { isUsablePath } from './managed-config.ts';
import { editorId } from './socket-path.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The folders that can hold the files of the hook on Windows, the best one first. */
export function windowsFolders(storage: string, env: Env): string[] {
  const { LOCALAPPDATA } = env;
  const local = LOCALAPPDATA ? [win32.join(LOCALAPPDATA, 'knockgate', `ssh-hook-${editorId(storage)}`)] : [];
  // A profile can be on a server, and cmd.exe does not accept such paths. This part of a profile is always on a disk.
  return [win32.join(storage, 'ssh-hook'), ...local];
}

/**
 * Finds the first of these folders with a path that ssh and cmd.exe accept: its own, or the short one that Windows keeps for
 * old programs (`C:\Users\JRGMLL~1`).
 * @param shortPath see `shortPathOf`
 * @returns undefined when no folder has such a path
 */
export function pathForSsh(
  folders: readonly string[],
  shortPath: (folder: string) => string | undefined,
): string | undefined {
  const isUsable = (path: string | undefined) => path !== undefined && isUsablePath(path, 'win32');
  return folders.find(isUsable) ?? folders.map(shortPath).find(isUsable);
}

/**
 * Asks Windows for the short path of a folder (8.3 names), which not every disk has.
 * @param folder may be missing: then the existing part of the path is shortened
 * @returns undefined when Windows gives no answer; otherwise a path, perhaps an unchanged one
 */
export function shortPathOf(folder: string, env: Env): string | undefined {
  const above = nearestThere(folder);
  // The path is in a variable, inside quotes: cmd.exe does not expand a value a second time, so no part of the path is read
  // as a command or a variable. /u: output as UTF-16.
  const line = '"for %I in ("%KNOCKGATE_FOLDER%") do @echo %~fsI"';
  const { stdout } = spawnSync(findProgram('cmd', { platform: 'win32', env }), ['/u', '/d', '/s', '/c', line], {
    env: { ...env, KNOCKGATE_FOLDER: above },
    timeout: ANSWER_WITHIN_MS,
    windowsHide: true,
    windowsVerbatimArguments: true,
  });
  const found = stdout?.toString('utf16le').trim();
  return found && win32.isAbsolute(found) ? win32.join(found, win32.relative(above, folder)) : undefined;
}

const ANSWER_WITHIN_MS = 5000;

function nearestThere(folder: string): string {
  const above = win32.dirname(folder);
  return existsSync(folder) || above === folder ? folder : nearestThere(above);
}
