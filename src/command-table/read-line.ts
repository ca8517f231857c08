import {
  type ArgumentEntry,
  type CommandEntry,
  commandsOf,
  type OptionEntry,
  optionsOf,
  type ProgramEntry,
} from './entry.ts';
import { commandUnknown, usageProblem } from './problems.ts';
import { didYouMean } from './suggest.ts';
import { shortUsage } from './usage.ts';

/** Arguments of a command. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Of a command that passes on: the other program's command line. */
  readonly rest: readonly string[];
  /** Value of an option that takes one; the last when it may be given more than once. */
  readonly value: (name: string) => string | undefined;
  readonly values: (name: string) => readonly string[];
  /** Whether an option without a value is there. */
  readonly flag: (name: string) => boolean;
}

/** One option as it was given. */
interface Given {
  readonly name: string;
  readonly value: string | undefined;
}

/** The options that tell what is asked about rather than what to do. */
const HELP_WORDS = ['--help', '-h'];

/** Words that help is asked about: undefined when it is not asked for. Behind `--` such a word is an argument. */
export function helpWanted(argv: readonly string[]): readonly string[] | undefined {
  const end = argv.indexOf('--');
  const words = argv.slice(0, end < 0 ? undefined : end);
  if (words[0] === 'help') return words.slice(1).filter((word) => !HELP_WORDS.includes(word));
  return words.some((word) => HELP_WORDS.includes(word))
    ? words.filter((word) => !HELP_WORDS.includes(word))
    : undefined;
}

/**
 * Finds the command that a line begins with, and what follows it. Options may be in front of it.
 * @throws Problem `usage`
 */
export function findCommand(
  program: ProgramEntry,
  argv: readonly string[],
): { readonly command: CommandEntry; readonly args: readonly string[] } {
  const commands = commandsOf(program);
  const at = placesOfWords(program, argv);
  const [first, second] = at.map((index) => argv[index] ?? '');
  const help = `See: ${program.name} --help`;
  if (first === undefined || at[0] === undefined) throw usageProblem('A command is missing.', help);
  for (const [name, places] of [
    [`${first} ${second}`, at.slice(0, 2)],
    [first, at.slice(0, 1)],
  ] as const) {
    const command = commands.find((each) => each.name === name);
    if (command !== undefined) return { command, args: argv.filter((_, i) => !places.includes(i)) };
  }
  const parts = commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
  if (parts.length > 0)
    throw usageProblem(
      `${program.name} ${first} needs one of ${parts.join(', ')}.${didYouMean(second ?? '', parts)}`,
      `See: ${program.name} help ${first}`,
    );
  throw commandUnknown(program, first);
}

/** The first two words of a line that are neither options nor their values. */
export function firstWords(program: ProgramEntry, argv: readonly string[]): readonly string[] {
  return placesOfWords(program, argv).map((place) => argv[place] ?? '');
}

function placesOfWords(program: ProgramEntry, argv: readonly string[]): number[] {
  const withValue = new Set(
    commandsOf(program)
      .flatMap((command) => optionsOf(program, command))
      .flatMap(({ name, value }) => (value === undefined ? [] : [`--${name}`])),
  );
  const found: number[] = [];
  for (let i = 0; i < argv.length && found.length < 2; i++) {
    const word = argv[i] ?? '';
    if (withValue.has(word)) i++;
    else if (!word.startsWith('-')) found.push(i);
  }
  return found;
}

/**
 * Reads what follows a command's name. An option that the command does not take is refused: it would be ignored.
 * @throws Problem `usage`
 */
export function readArguments(program: ProgramEntry, command: CommandEntry, args: readonly string[]): Arguments {
  const title = `${program.name} ${command.name}`;
  const next = `${shortUsage(program, command)}\nSee: ${title} --help`;
  const { given, positionals, rest } = split(title, command, optionsOf(program, command), args);
  const twice = given.find(({ name }, i) => given.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined && optionsOf(program, command).find(({ name }) => name === twice.name)?.many !== true)
    throw usageProblem(`${title}: --${twice.name} is given more than once.`, next);
  const { least, most } = numbers(command.arguments.filter((entry) => !isReplaced(entry, given)));
  const count = positionals.length + (rest.length > 0 ? 1 : 0);
  if (count < least) {
    const missing = command.arguments[count]?.name ?? 'an argument';
    throw usageProblem(`${title}: ${missing} is missing.`, next);
  }
  if (positionals.length > most) throw usageProblem(`${title}: too many arguments.`, next);
  const values = (name: string) =>
    given.flatMap((each) => (each.name === name && each.value !== undefined ? [each.value] : []));
  return {
    positionals,
    rest,
    values,
    value: (name) => values(name).at(-1),
    flag: (name) => given.some((each) => each.name === name && each.value === undefined),
  };
}

/** Whether an option takes the place of an argument. */
function isReplaced({ unless = [] }: ArgumentEntry, given: readonly Given[]): boolean {
  return given.some(({ name }) => unless.includes(name));
}

function numbers(entries: readonly ArgumentEntry[]): { least: number; most: number } {
  return {
    least: entries.filter(({ optional }) => optional !== true).length,
    most: entries.some(({ many }) => many === true) ? Number.POSITIVE_INFINITY : entries.length,
  };
}

function split(title: string, command: CommandEntry, options: readonly OptionEntry[], args: readonly string[]) {
  const given: Given[] = [];
  const positionals: string[] = [];
  const see = `See: ${title} --help`;
  const [first] = command.arguments;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    const isWord = !word.startsWith('-') || word === '-';
    const isFirstThere = positionals.length === 1 || (first !== undefined && isReplaced(first, given));
    if (command.passesOn && isFirstThere && (isWord || word === '--'))
      return { given, positionals, rest: args.slice(word === '--' ? i + 1 : i) };
    if (word === '--') return { given, positionals: [...positionals, ...args.slice(i + 1)], rest: [] };
    if (isWord) {
      positionals.push(word);
      continue;
    }
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = options.find((each) => each.name === name);
    if (option === undefined) {
      const names = options.map((each) => each.name);
      const meant = didYouMean(name, names, '--');
      throw usageProblem(`${title} does not take ${word.split('=')[0]}.${meant}`, see);
    }
    if (option.value === undefined) {
      if (inline !== undefined) throw usageProblem(`${title}: --${name} takes no value.`, see);
      given.push({ name, value: undefined });
      continue;
    }
    const value = inline ?? args[i + 1];
    // A value that looks like an option is usually one whose value was forgotten.
    if (value === undefined || (inline === undefined && value.startsWith('--')))
      throw usageProblem(`${title}: --${name} needs a value: --${name} ${option.value}`, see);
    if (inline === undefined) i++;
    given.push({ name, value });
  }
  return { given, positionals, rest: [] };
}
