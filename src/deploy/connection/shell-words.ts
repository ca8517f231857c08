/** Characters that have no meaning to any shell, wherever they are in a word. */
const PLAIN = /^[A-Za-z0-9_./:@%+,-]+$/;

/**
 * Writes an argument vector as a command line for a POSIX shell (POSIX.1-2017, Shell Command Language, 2.2.2): the only place where
 * data gets into a remote shell. Each argument arrives unchanged, whatever it contains.
 * @throws RangeError for a NUL, which no argument can hold
 */
export function commandLine(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (word.includes('\0')) throw new RangeError('an argument cannot hold a NUL');
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
