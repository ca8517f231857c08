import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Paths } from '../paths.ts';
import { fileUnreadable, fileUnwritable } from '../problems.ts';
import { importFwknop, type ReadFile, wantedGpgKeys } from './fwknop.ts';
import type { ExportedKey, WantedKey } from './fwknop-gpg-keys.ts';
import { exportGpgKey, isGpgKey } from './gnupg.ts';
import type { Imported, KeyFile } from './imported.ts';

/** Most tables with a key file each. A folder with more files of other content is an error. */
const MOST_NUMBERS = 1000;

/**
 * Shows what fwknopd's configuration would be in gate.toml, which it does not change, and writes the keys into files in the folder
 * `fwknop` beside gate.toml. gpg exports the keys of GnuPG's mode. Existing files with the same keys stay; others are never
 * replaced.
 * @param exportKey asked for each key of GnuPG's mode
 * @throws Problem `file-unreadable`, `file-unwritable`; then no key file was made
 */
export async function readFwknop(
  paths: Paths,
  access: string,
  daemon: string | undefined,
  exportKey: (wanted: WantedKey) => Promise<ExportedKey> = exportGpgKey,
): Promise<Imported & { readonly keyFiles: readonly string[] }> {
  const folder = join(dirname(resolve(paths.config)), 'fwknop');
  const files = [read(access), daemon === undefined ? undefined : read(daemon)] as const;
  const exported = new Map<string, ExportedKey>();
  for (const wanted of wantedGpgKeys(...files)) {
    const name = JSON.stringify(wanted);
    if (!exported.has(name)) exported.set(name, await exportKey(wanted));
  }
  const from = (first: number) =>
    importFwknop(...files, folder, (wanted) => exported.get(JSON.stringify(wanted)), first);
  let first = 1;
  // Files of an earlier import stay: this one takes the next numbers.
  while (first < MOST_NUMBERS && (await areTaken(from(first).keyFiles))) first += 1;
  const { keyFiles, ...imported } = from(first);
  if (keyFiles.length > 0) await writeKeys(folder, keyFiles);
  return { ...imported, keyFiles: keyFiles.map(({ path }) => path) };
}

/** Whether any of these files exists with other content. */
async function areTaken(files: readonly KeyFile[]): Promise<boolean> {
  for (const { path, text, gpg } of files) if (existsSync(path) && !(await holds(path, text, gpg))) return true;
  return false;
}

function read(path: string): ReadFile {
  try {
    // Keys may be any bytes; they are read as the text that fwknopd would read.
    return { text: readFileSync(path, 'utf8'), file: basename(path) };
  } catch (error) {
    throw fileUnreadable(path, error);
  }
}

async function writeKeys(folder: string, files: readonly KeyFile[]): Promise<void> {
  const made: string[] = [];
  try {
    const { gid } = statSync(dirname(folder));
    if (mkdirSync(folder, { recursive: true }) !== undefined) {
      chownSync(folder, -1, gid);
      // The daemon's group reads this folder, whatever the umask is.
      chmodSync(folder, 0o750);
    }
    for (const { path, text, gpg } of files) {
      if (await holds(path, text, gpg)) continue;
      const file = openSync(path, 'wx', 0o600);
      made.push(path);
      writeFileSync(file, text);
      closeSync(file);
      // Like every key of the gate: root writes it, the daemon's group reads it.
      chownSync(path, -1, gid);
      chmodSync(path, 0o640);
    }
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    throw fileUnwritable(folder, error);
  }
}

async function holds(path: string, text: string, gpg: KeyFile['gpg']): Promise<boolean> {
  let present: string;
  try {
    present = readFileSync(path, 'utf8');
  } catch {
    return false;
  }
  return present === text || (gpg !== undefined && (await isGpgKey(gpg.home, present, gpg.fingerprint)));
}
