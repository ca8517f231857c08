const GROUP_AND_OTHERS_WRITE = 0o022;
/** Sticky bit of a folder (inode(7)): in it, nobody can move another person's files. */
const STICKY = 0o1000;

/** Access to the file system, as in node:fs. Each function throws a system error. */
export interface FolderLook {
  readonly statSync: (path: string) => { readonly uid: number; readonly mode: number };
  readonly readdirSync: (folder: string) => readonly string[];
}

/**
 * Finds a path by which others could change what gpg reads: its folder, one above it, or settings in it (`*.conf`), which
 * name programs that gpg runs (gpg(1), `agent-program`).
 * @param folder absolute POSIX path without symbolic links
 * @param uid the user who may write there, beside root
 * @returns the first such path; undefined when there is none
 * @throws what `look` throws
 */
export function writtenByOthers(folder: string, uid: number | undefined, look: FolderLook): string | undefined {
  const isOthers = (path: string, allowed = 0): boolean => {
    const { uid: owner, mode } = look.statSync(path);
    return (owner !== 0 && owner !== uid) || ((mode & GROUP_AND_OTHERS_WRITE) !== 0 && (mode & allowed) === 0);
  };
  if (isOthers(folder)) return folder;
  for (let above = folder; above !== '/'; ) {
    above = above.slice(0, above.lastIndexOf('/')) || '/';
    if (isOthers(above, STICKY)) return above;
  }
  const settings = look.readdirSync(folder).filter((name) => name.endsWith('.conf'));
  return settings.map((name) => `${folder === '/' ? '' : folder}/${name}`).find((path) => isOthers(path));
}
