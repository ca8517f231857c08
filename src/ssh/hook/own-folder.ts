import { chmodSync, lstatSync, mkdirSync } from 'node:fs';

/**
 * Makes the folder that keeps others out. The one above may be one where everybody may write: somebody else's folder, or a
 * link of theirs, is not taken for ours.
 * @throws the system's error
 */
export function makeOwnFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw Object.assign(new Error(`${path} belongs to somebody else, or is a link`), { code: 'EACCES' });
  chmodSync(path, 0o700);
}
