import { ENVIRONMENT } from './environment.ts';
import { commandLine } from './shell-words.ts';

/*
 * A login shell may print what it likes before it runs a command, and an account may run something else instead: a forced command, a
 * menu, nologin. So every command prints a mark before its program starts. What comes before the mark was printed by something else.
 * Without a mark the whole text was.
 *
 * The login shell may be csh or fish, which quote in other ways than sh. It only sees words in single quotes without the characters
 * that differ: a quote, a backslash before one, an exclamation mark, a line break. What it runs is sh, which reads the rest.
 */

/** Mark in two halves: a program that only repeats its command line does not print them together. */
export type Mark = readonly [string, string];

/**
 * Command line that prints the mark on both streams, and then becomes the program. Any login shell that knows single quotes reads
 * it.
 */
export function markedCommand(argv: readonly string[], [first, second]: Mark): string {
  const mark = `printf '%s%s\\n' ${first} ${second}`;
  const script = `${ENVIRONMENT}; ${mark}; ${mark} >&2; exec ${commandLine(argv)}`;
  return `/bin/sh -c 'eval "$(printf %b "$1")"' sh '${escaped(script)}'`;
}

/** Writes a text for `printf %b`: characters that shells read differently become the octal numbers of their UTF-8 bytes. */
function escaped(text: string): string {
  return text.replace(/[^ -~]|['\\!]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  );
}

/** Text behind the mark; undefined when there is no mark. */
export function behindMark(text: string, [first, second]: Mark): string | undefined {
  const line = `${first}${second}\n`;
  const at = text.indexOf(line);
  return at < 0 ? undefined : text.slice(at + line.length);
}
