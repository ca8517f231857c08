import { parseArgs } from 'node:util';
import { ExitCode, Problem } from '../base/problem.ts';
import type { Shell } from './shell.ts';

/** What a command was called with. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Value of an option that takes one. */
  readonly value: (name: string) => string | undefined;
  /** Whether an option without a value is there. */
  readonly flag: (name: string) => boolean;
}

/** One command: each has a file of its own. */
export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The whole of `--help`: usage, options, an example. */
  readonly help: string;
  readonly options: Readonly<Record<string, 'value' | 'flag'>>;
  /** How many arguments there may be. */
  readonly arguments: { readonly least: number; readonly most: number };
  /** What to do when there is an option that the command does not have; usually to look at its help. */
  readonly wrongOption?: string;
  /** @returns the exit code: one of ours, or that of a program that was run */
  readonly run: (args: Arguments, shell: Shell) => Promise<number>;
}

/** A mistake in the arguments. */
export function usageProblem(what: string, next: string): Problem {
  return new Problem({ code: 'usage', what, next, exit: ExitCode.usage });
}

/**
 * Reads the arguments behind the command's name.
 * @throws Problem `usage`
 */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const hint = `Try: knockgate ${command.name} --help`;
  const [usage = ''] = command.help.split('\n\n');
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, kind]) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true; tokens: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, tokens: true });
  } catch (error) {
    // Node's own words name the option; what it says behind the first sentence is about programming.
    throw usageProblem(error instanceof Error ? (error.message.split('. ')[0] ?? '') : '', command.wrongOption ?? hint);
  }
  const { positionals, values, tokens } = parsed;
  const given = tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? [token.name] : []));
  const twice = given.find((name, i) => given.indexOf(name) !== i);
  // Node would take the last one and drop the others.
  if (twice !== undefined)
    throw usageProblem(`knockgate ${command.name}: --${twice} is given more than once.`, `${usage}\n${hint}`);
  const { least, most } = command.arguments;
  if (positionals.length < least)
    throw usageProblem(`knockgate ${command.name}: an argument is missing.`, `${usage}\n${hint}`);
  if (positionals.length > most)
    throw usageProblem(`knockgate ${command.name}: too many arguments.`, `${usage}\n${hint}`);
  return {
    positionals,
    value: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    flag: (name) => values[name] === true,
  };
}
