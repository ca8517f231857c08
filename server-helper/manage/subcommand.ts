import { printable } from '../../src/base/printable.ts';
import { ExitCode } from '../../src/base/problem.ts';
import { pathsFrom } from '../paths.ts';
import { usage } from '../problems.ts';
import type { Bundles } from './command.ts';
import { COMMANDS } from './commands.ts';
import { HELP } from './help.ts';
import { expectOptions, readArguments } from './options.ts';

/**
 * Runs a subcommand. What it prints may hold the daemon's words: a daemon that somebody has taken over tells root's terminal nothing.
 * @param argv without the program's name
 */
export async function subcommand(argv: readonly string[], bundles: Bundles): Promise<ExitCode> {
  const { values, positionals, given } = readArguments(argv);
  const say = (text: string): void => {
    process.stdout.write(`${printable(text)}\n`);
  };
  const [first] = positionals;
  if (values.help || first === undefined) {
    say(HELP);
    return values.help ? ExitCode.done : ExitCode.usage;
  }
  const command = COMMANDS.find(({ name }) => name === positionals.slice(0, name.split(' ').length).join(' '));
  if (command === undefined) throw unknown(first);
  const { name, form, arguments: wanted } = command;
  const args = positionals.slice(name.split(' ').length);
  expectOptions(name, given, command.options);
  if (args.length < wanted.least || args.length > wanted.most)
    throw usage(`The form is: knockgated ${`${name} ${form}`.trim()}`);
  const show = (result: unknown, text: string): void => say(values.json ? JSON.stringify(result) : text);
  await command.run({ paths: pathsFrom(process.env, values.config), args, options: values, bundles, show });
  return ExitCode.done;
}

function unknown(first: string) {
  const actions = COMMANDS.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.split(' ')[1]] : []));
  return usage(
    actions.length > 0
      ? `knockgated ${first} needs one of ${actions.join(', ')}.`
      : `There is no command ${JSON.stringify(first)}.`,
  );
}
