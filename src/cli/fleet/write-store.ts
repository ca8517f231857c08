import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileUnusable } from '../../client/problems.ts';
import type { StoreFile } from '../../fleet/policy/store-files.ts';
import { replaceFile } from '../../os/atomic-file.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { alreadyPublished } from './problems.ts';

/**
 * Writes the files of a store into a folder, in their order. A file appears whole, and none is changed but the hint at the newest: when
 * somebody else has published a head of the same number, theirs stays.
 * @param suffix of temporary files: anything unique
 * @returns how many files are new
 * @throws Problem `already-published`, `file-unusable`
 */
export function writeStore(folder: string, files: readonly StoreFile[], suffix: string): number {
  let added = 0;
  for (const { path, text, ifThere } of files) {
    const target = join(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      if (createFile(target, text, suffix)) added++;
      else if (ifThere === 'replace') replaceFile(target, text, suffix, true);
      else if (readFileSync(target, 'utf8') !== text) throw alreadyPublished(path, folder);
    } catch (error) {
      const code = systemErrorCode(error);
      throw code === undefined ? error : fileUnusable(target, code);
    }
  }
  return added;
}

/** Creates a file in one step; false when there is one. Who may read it is for the umask to say: a web server may have to. */
function createFile(path: string, text: string, suffix: string): boolean {
  const temporary = `${path}.${suffix}`;
  const file = openSync(temporary, 'wx');
  try {
    writeFileSync(file, text);
    fsyncSync(file);
    // A rename would replace what somebody else has just published.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    closeSync(file);
    rmSync(temporary, { force: true });
  }
}
