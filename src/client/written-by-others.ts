import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const GROUP_AND_OTHERS_WRITE = 0o022;
/** Who may write into such a folder cannot move what is somebody else's there; inode(7). */
const STICKY = 0o1000;

/**
 * Where others could change what a program that we run finds in a folder: the folder, one above it, or settings in it (`*.conf`).
 * @param path absolute
 * @param uid who may, beside root: this process's user
 * @returns the first such path; undefined when there is none
 * @throws a system error
 */
export function writtenByOthers(path: string, uid: number): string | undefined {
  const folder = realpathSync(path);
  const isOthers = (each: string, allowed = 0): boolean => {
    const { uid: owner, mode } = statSync(each);
    return (owner !== 0 && owner !== uid) || ((mode & GROUP_AND_OTHERS_WRITE) !== 0 && (mode & allowed) === 0);
  };
  if (isOthers(folder)) return folder;
  for (let above = folder; above !== dirname(above); ) {
    above = dirname(above);
    if (isOthers(above, STICKY)) return above;
  }
  const settings = readdirSync(folder).filter((name) => name.endsWith('.conf'));
  return settings.map((name) => join(folder, name)).find((each) => isOthers(each));
}
