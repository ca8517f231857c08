/** One line that `ssh -G` prints. */
export interface PrintedSetting {
  /** In small letters. */
  readonly keyword: string;
  /** Unchanged: quotes, `#` and repeated blanks belong to it. */
  readonly value: string;
}

/**
 * Reads what `ssh -G` prints. That is not the syntax of a configuration: ssh has taken its quotes and comments away already, and
 * those that are left, in a ProxyCommand, are for a shell.
 */
export function printedSettings(output: string): PrintedSetting[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const found = /^([A-Za-z0-9]+)(?: (.*))?$/.exec(line);
    if (found === null) return [];
    const [, keyword = '', value = ''] = found;
    return [{ keyword: keyword.toLowerCase(), value }];
  });
}

/** Beginnings of paths that do not depend on the current folder: `/`, `~`, `%d`, `${HOME}`, `C:\`, `\\server`. */
const BEGINNING = /^(?:[/~%$\\]|[A-Za-z]:|__PROGRAMDATA__|none$)/;

/**
 * Splits a list of paths. `ssh -G` puts one blank between two paths, and does not quote a path that has blanks itself.
 * The longest part that exists is one path. Where nothing exists, a path ends where the next word begins another.
 */
export function splitPaths(list: string, exists: (path: string) => boolean): string[] {
  const words = list.split(' ');
  const paths: string[] = [];
  for (let at = 0; at < words.length; ) {
    const ends = words.map((_, i) => words.length - i).filter((end) => end > at);
    const found = ends.find((end) => exists(words.slice(at, end).join(' ')));
    const next = words.findIndex((word, i) => i > at && BEGINNING.test(word));
    const end = found ?? (next < 0 ? words.length : next);
    const path = words.slice(at, end).join(' ');
    if (path !== '') paths.push(path);
    at = end;
  }
  return paths;
}
