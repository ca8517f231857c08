import { chmodSync, lstatSync, mkdirSync } from 'node:fs';

/**
 * Makes a folder that keeps others out. If everybody may write to the folder above, somebody else's folder or link may be
 * there: it is refused.
 * @throws the system's error
 */
export function makeOwnFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw Object.assign(new Error(`${path} belongs to somebody else, or is a link`), { code: 'EACCES' });
  chmodSync(path, 0o700);
}
