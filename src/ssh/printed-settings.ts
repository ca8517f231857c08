/** One line that `ssh -G` prints. */
export interface PrintedSetting {
  /** In small letters. */
  readonly keyword: string;
  /** The value unchanged, with its quotes, `#` and repeated blanks. */
  readonly value: string;
}

/**
 * Reads the output of `ssh -G`. It does not have the syntax of a configuration: ssh has already removed quotes and comments.
 * Those that are left, in a ProxyCommand, are for a shell.
 */
export function printedSettings(output: string): PrintedSetting[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const found = /^([A-Za-z0-9]+)(?: (.*))?$/.exec(line);
    if (found === null) return [];
    const [, keyword = '', value = ''] = found;
    return [{ keyword: keyword.toLowerCase(), value }];
  });
}

/** The beginnings of absolute paths: `/`, `~`, `%d`, `${HOME}`, `C:\`, `\\server`. */
const BEGINNING = /^(?:[/~%$\\]|[A-Za-z]:|__PROGRAMDATA__|none$)/;

/**
 * Splits a list of paths. `ssh -G` separates paths by a blank, and does not quote a path with blanks. So the longest part
 * that exists counts as one path. If none exists, a path ends before a word that begins an absolute path.
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
