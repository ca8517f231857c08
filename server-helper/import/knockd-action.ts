import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { type Opening, openingOf } from '../../src/firewall-commands/opening.ts';
import { KNOCKER } from '../../src/firewall-commands/rule.ts';
import type { KnockdSection } from '../../src/sequence/knockd-conf.ts';

/** User of a proposed action: knockd runs everything as root, which nobody should by default. */
const USER = 'nobody';

/** Words of an action; or why a command cannot be one. */
type Words = { readonly words: readonly string[] } | { readonly why: string };

/**
 * Turns the programs that a door runs beside its firewall, or instead of one, into an `[[action]]`: programs that need no shell.
 * @param programs each an argument vector
 * @param name of the action, and of its sequence
 * @returns the table; undefined when there can be none, which is noted
 */
export function actionOf(
  section: KnockdSection,
  programs: readonly (readonly string[])[],
  line: number,
  name: string,
  note: Note,
): string | undefined {
  const [program, ...more] = programs;
  if (program === undefined) return undefined;
  const open = more.length > 0 ? { why: 'an action runs one program: put all into a script' } : wordsOf(program);
  if ('why' in open) {
    for (const argv of programs)
      note(
        line,
        phrase('[{0}] runs this, which is not carried over: {1}: {2}', section.name, argv.join(' '), open.why),
      );
    return undefined;
  }
  const close = closingOf(section, note);
  note(
    line,
    phrase(
      'the command of [{0}] becomes an action, run as {1} where knockd ran it as root: say which user can do it, and read docs/actions.md',
      section.name,
      USER,
    ),
  );
  return [
    '[[action]]',
    `name = ${JSON.stringify(name)}`,
    `open = ${vector(open.words)}`,
    ...(close === undefined ? [] : [`close = ${vector(close)}`]),
    `user = "${USER}"`,
    '',
  ].join('\n');
}

function closingOf({ entries }: KnockdSection, note: Note): readonly string[] | undefined {
  const stop = entries.get('stop_command');
  if (stop === undefined || stop.value === '') return undefined;
  const [program, ...more] = programsOf(openingOf(stop.value, 'ipv4'));
  const close =
    program === undefined || more.length > 0 ? { why: 'it is not one program with its arguments' } : wordsOf(program);
  if ('words' in close) return close.words;
  note(stop.line, phrase('stop_command is not carried over: {0}', close.why));
  return undefined;
}

function programsOf(opening: Opening): readonly (readonly string[])[] {
  return opening.does === 'unknown' ? [] : opening.programs;
}

function wordsOf(argv: readonly string[]): Words {
  const [program = '', ...rest] = argv;
  if (!program.startsWith('/') || program.includes(KNOCKER))
    return { why: 'it does not begin with the absolute path of a program' };
  // In an action, braces are placeholders.
  if (argv.some((word) => /[{}]/.test(word))) return { why: 'it has braces in it' };
  return { words: [program, ...rest.map((word) => word.replaceAll(KNOCKER, '{source}'))] };
}

/** Writes a list of TOML, which has the same notation for such words as JSON. */
function vector(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}
