import { type KnockdEntry, type KnockdSection, portOfCommand } from '../../src/sequence/knockd-conf.ts';
import type { Note } from '../../src/spa/notes.ts';

/** Whom a proposed action runs as: knockd runs everything as root, which nobody should by default. */
const USER = 'nobody';
const FIREWALL = /\b(?:ip6?tables|nft|ipset|ufw|firewall-cmd|shorewall|pfctl|ipfw)\b/;
/** What a shell, which knockd hands a command to, leaves as it is, and what stands for nothing in an action. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]$/;

/** What a command is, word by word; or why that cannot be told. */
type Words = { readonly words: readonly string[] } | { readonly why: string };

/** Whether a command is for a firewall: what it opens the gate opens itself. */
export function isForFirewall(command: string): boolean {
  return FIREWALL.test(command) || portOfCommand(command) !== undefined;
}

/**
 * Turns the commands of a door into an `[[action]]`: those that are an argument vector and need no shell.
 * @param name of the action, and of its sequence
 * @returns the table; undefined when there can be none, which is noted
 */
export function actionOf(section: KnockdSection, opening: KnockdEntry, name: string, note: Note): string | undefined {
  const open = wordsOf(opening.value);
  if ('why' in open) {
    note(opening.line, `the command of [${section.name}] is not carried over: ${open.why}; its section is left out`);
    return undefined;
  }
  const close = closingOf(section, note);
  note(
    opening.line,
    `the command of [${section.name}] becomes an action, run as ${USER} where knockd ran it as root: say which user can do it, and read docs/actions.md`,
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
  const close = wordsOf(stop.value);
  if ('words' in close) return close.words;
  note(stop.line, `stop_command is not carried over: ${close.why}`);
  return undefined;
}

function wordsOf(command: string): Words {
  const strange = Array.from(command).find((character) => !PLAIN.test(character) && !/[ \t]/.test(character));
  if (strange !== undefined) return { why: `${JSON.stringify(strange)} is a shell's business, and there is none` };
  const [program = '', ...rest] = command.split(/[ \t]+/).filter((word) => word !== '');
  if (!program.startsWith('/') || program.includes('%IP%'))
    return { why: 'it does not begin with the absolute path of a program' };
  return { words: [program, ...rest.map((word) => word.replaceAll('%IP%', '{source}'))] };
}

/** A list of TOML, which writes such words as JSON does. */
function vector(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}
