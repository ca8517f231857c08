import { commandLine } from './shell-words.ts';

/*
 * A login shell may print what it likes before it runs a command, and an account may run something else instead: a forced command, a
 * menu, nologin. So every command prints a mark before its program starts. What comes before the mark was printed by something else.
 * Without a mark the whole text was.
 */

/** Two halves: a program that only repeats its command line does not show them together. */
export type Mark = readonly [string, string];

const MARK_BOTH = `printf '%s%s\\n' "$1" "$2"; printf '%s%s\\n' "$1" "$2" >&2; shift 2; exec "$@"`;

/** The command line that prints the mark on both streams, and then is the program. */
export function markedCommand(argv: readonly string[], [first, second]: Mark): string {
  return commandLine(['/bin/sh', '-c', MARK_BOTH, 'sh', first, second, ...argv]);
}

/** The text behind the mark; undefined when there is no mark. */
export function behindMark(text: string, [first, second]: Mark): string | undefined {
  const line = `${first}${second}\n`;
  const at = text.indexOf(line);
  return at < 0 ? undefined : text.slice(at + line.length);
}
