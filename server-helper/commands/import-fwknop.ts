import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { importFwknop, type KeyFile, type ReadFile } from '../import/fwknop.ts';
import type { Imported } from '../import/imported.ts';
import type { Paths } from '../paths.ts';
import { fileUnreadable, fileUnwritable } from '../problems.ts';

/**
 * Says what fwknopd's configuration would be in gate.toml, which it leaves alone, and writes its keys into files of their own
 * below `fwknop` beside gate.toml. Files that are there with the same keys stay; others are never replaced.
 * @throws Problem `file-unreadable`, `file-unwritable`; then no key file was made
 */
export function readFwknop(
  paths: Paths,
  access: string,
  daemon: string | undefined,
): Imported & { readonly keyFiles: readonly string[] } {
  const folder = join(dirname(resolve(paths.config)), 'fwknop');
  const { toml, notes, keyFiles } = importFwknop(read(access), daemon === undefined ? undefined : read(daemon), folder);
  if (keyFiles.length > 0) writeKeys(folder, keyFiles);
  return { toml, notes, keyFiles: keyFiles.map(({ path }) => path) };
}

function read(path: string): ReadFile {
  try {
    // Keys may be any bytes; a text is what fwknopd itself would make of them.
    return { text: readFileSync(path, 'utf8'), file: basename(path) };
  } catch (error) {
    throw fileUnreadable(path, error);
  }
}

function writeKeys(folder: string, files: readonly KeyFile[]): void {
  const made: string[] = [];
  const { gid } = statSync(dirname(folder));
  try {
    if (mkdirSync(folder, { recursive: true }) !== undefined) {
      chownSync(folder, -1, gid);
      // Whatever the umask: the daemon's group looks in here.
      chmodSync(folder, 0o750);
    }
    for (const { path, text } of files) {
      if (holds(path, text)) continue;
      const file = openSync(path, 'wx', 0o600);
      made.push(path);
      writeFileSync(file, text);
      closeSync(file);
      // As every key of the gate: root writes, the daemon's group reads; contracts.md, "Files".
      chownSync(path, -1, gid);
      chmodSync(path, 0o640);
    }
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    throw fileUnwritable(folder, error);
  }
}

function holds(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}
