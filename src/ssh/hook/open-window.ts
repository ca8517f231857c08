import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '../../os/system-error.ts';
import { makeOwnFolder } from './own-folder.ts';

/**
 * The folder with a file for each open window of the editor, named by the id of the window's process. It is beside the socket. The file of
 * the window that answers the hook has a word in it; the others are empty.
 */
export function windowsFolder(socket: string): string {
  return `${socket}.windows`;
}

/** Tells the script of the hook which processes are windows of the editor: an SSH extension runs the script from such a process. */
export class OpenWindow {
  private readonly folder: string;
  private readonly file: string;
  private says: string | undefined;

  /** @param pid of this process */
  constructor(socket: string, pid: number) {
    this.folder = windowsFolder(socket);
    this.file = join(this.folder, String(pid));
  }

  /**
   * Makes this window's file. The caller may repeat it: another window may answer now, or a program that cleans up may have
   * removed the file.
   * @throws the system's error
   */
  enter(answersTheHook: boolean): void {
    const text = answersTheHook ? 'answers\n' : '';
    if (this.says === text && existsSync(this.file)) return;
    makeOwnFolder(dirname(this.folder));
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.file, text, { mode: 0o600 });
    this.says = text;
  }

  leave(): void {
    rmSync(this.file, { force: true });
    try {
      rmdirSync(this.folder);
    } catch (error) {
      // Fails when other windows are open, or when the folder is gone already.
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) throw error;
    }
  }

  /**
   * Deletes the files of windows that crashed: another process may get such an id.
   * @throws the system's error
   */
  forgetDead(): void {
    for (const name of readdirSync(this.folder))
      if (!isAlive(Number(name))) rmSync(join(this.folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 only asks whether the process exists.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}
