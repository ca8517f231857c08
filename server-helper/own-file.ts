import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

/**
 * Files in folders that belong to the daemon's user, when root runs the daemon by hand: root must never write through something
 * that this user has put there instead of a file (a link to one of root's); open(2), O_EXCL and O_NOFOLLOW.
 */

/**
 * Writes a file anew, whole or not at all, whatever the umask.
 * @param mode as chmod(2) takes it
 * @throws a system error; the file is then as it was
 */
export function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = `${path}.new`;
  try {
    writeNewFile(temporary, content, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Writes a file, or replaces one; a reader may see a part of it. */
export function writeNewFile(path: string, content: string | Uint8Array, mode: number): void {
  rmSync(path, { force: true });
  const fd = openSync(path, 'wx', mode);
  try {
    fchmodSync(fd, mode);
    writeFileSync(fd, content);
  } finally {
    closeSync(fd);
  }
}

/** Writes over a file that has the length of the content already. @throws a system error, also when there is no such file */
export function overwriteFile(path: string, content: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(fd).size !== content.length) throw new Error('the file has another length');
    writeSync(fd, content, 0);
  } finally {
    closeSync(fd);
  }
}

/** Appends to a file, which is made if it does not exist. */
export function appendToFile(path: string, text: string, mode: number): void {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, mode);
  try {
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

const NEWLINE = 10;

/**
 * Appends a line to a file, whole or not at all: a full disk leaves no part of it. A line that a power cut has torn is ended first.
 * @throws a system error; the file is then as it was
 */
export function appendLine(path: string, line: string, mode: number): void {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, mode);
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.of(NEWLINE);
    if (size > 0) readSync(fd, last, 0, 1, size - 1);
    try {
      writeFileSync(fd, last[0] === NEWLINE ? line : `\n${line}`);
    } catch (error) {
      ftruncateSync(fd, size);
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}
