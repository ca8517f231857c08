import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join, sep, win32 } from 'node:path';
import { othersWithAccess } from './sddl.ts';
import { systemErrorCode } from './system-error.ts';
import { keyAccessUnknown, keyOpenToOthers } from './windows-problems.ts';

/** Sources of this computer that say who can open a file. */
export interface WindowsIo {
  /** Folders that Windows keeps for this user alone: the profile, and its parts elsewhere. */
  readonly ownFolders: readonly string[];
  /** Folder of Windows, whose programs are run by their whole path. */
  readonly systemRoot: string;
  readonly temporaryFolder: string;
  /** Runs a program to its end; returns what it printed, undefined when it failed. */
  readonly run: (program: string, args: readonly string[]) => string | undefined;
}

/**
 * Keeps others from a key file on Windows, which has access lists instead of modes. Node cannot read those, and a program for it takes
 * longer than a knock. So a file in the user's own profile, where keys usually are, is trusted to the list that Windows gave the
 * profile; any other file is looked at with icacls each time.
 */
export class WindowsAccess {
  private readonly io: WindowsIo;

  constructor(io: WindowsIo) {
    this.io = io;
  }

  /** @throws Problem `key-readable-by-others`, `key-access-unknown`; the system's error */
  assertPrivate(path: string): void {
    const real = realpathSync.native(path);
    if (this.isOwn(real)) return;
    const sid = this.ownSid(path);
    const others = othersWithAccess(this.accessList(real), sid);
    if (others === undefined) throw keyAccessUnknown(path, 'icacls');
    if (others.length > 0) throw keyOpenToOthers(path, others, sid);
  }

  /**
   * Leaves a file that was just made to its user alone.
   * @throws Problem `key-access-unknown`; the system's error
   */
  makePrivate(path: string): void {
    const real = realpathSync.native(path);
    if (this.isOwn(real)) return;
    const done = this.system('icacls.exe', [real, '/inheritance:r', '/grant:r', `*${this.ownSid(path)}:F`]);
    if (done === undefined) throw keyAccessUnknown(path, 'icacls');
  }

  private isOwn(path: string): boolean {
    return this.io.ownFolders.some((folder) => isWithin(path, folder));
  }

  /** Reads an access list. icacls prints names in the computer's language, but saves the same text everywhere. */
  private accessList(path: string): string {
    const folder = mkdtempSync(join(this.io.temporaryFolder, 'knockgate-'));
    try {
      const saved = join(folder, 'access');
      this.system('icacls.exe', [path, '/save', saved, '/q']);
      // The file's name, and its access list. Nothing is saved where icacls failed.
      const [, list = ''] = readFileSync(saved, 'utf16le')
        .replace(/^\uFEFF/, '')
        .split(/\r?\n/);
      return list.trim();
    } catch (error) {
      throw systemErrorCode(error) === undefined ? error : keyAccessUnknown(path, 'icacls');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private ownSid(path: string): string {
    const sid = /"(S-1(?:-\d+)+)"\s*$/.exec(this.system('whoami.exe', ['/user', '/fo', 'csv', '/nh']) ?? '')?.[1];
    if (sid === undefined) throw keyAccessUnknown(path, 'whoami');
    return sid;
  }

  private system(program: string, args: readonly string[]): string | undefined {
    return this.io.run(win32.join(this.io.systemRoot, 'System32', program), args);
  }
}

function isWithin(path: string, folder: string): boolean {
  return path.toLowerCase().startsWith(`${real(folder).toLowerCase()}${sep}`);
}

/** Real path of a folder; the path itself when it cannot be resolved. */
function real(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}
