import { printable } from '../../src/base/printable.ts';
import { ExitCode } from '../../src/base/problem.ts';
import { GATE } from '../../src/command-table/gate/program.ts';
import { helpFor, overview } from '../../src/command-table/help.ts';
import { findCommand, helpWanted, readArguments } from '../../src/command-table/read-line.ts';
import { usage } from '../problems.ts';
import type { Bundles } from './command.ts';
import { commandPaths } from './command-paths.ts';
import { COMMANDS } from './commands.ts';

/**
 * Runs a subcommand. Its output may contain text of the daemon, which is made harmless: a daemon that somebody has taken over must
 * not control root's terminal.
 * @param argv without the program's name
 */
export async function subcommand(argv: readonly string[], bundles: Bundles): Promise<ExitCode> {
  const say = (text: string): void => {
    process.stdout.write(`${printable(text)}\n`);
  };
  if (argv.length === 0) {
    say(overview(GATE));
    return ExitCode.usage;
  }
  const about = helpWanted(argv);
  if (about !== undefined) {
    say(helpFor(GATE, about));
    return ExitCode.done;
  }
  const { command: entry, args: rest } = findCommand(GATE, argv);
  const args = readArguments(GATE, entry, rest);
  const command = COMMANDS.find((each) => each.entry === entry);
  if (command === undefined) throw usage(`knockgated ${entry.name} takes no options: systemd starts it.`);
  const show = (result: unknown, text: string): void => say(args.flag('json') ? JSON.stringify(result) : text);
  let exit: ExitCode = ExitCode.done;
  const endWith = (code: ExitCode): void => {
    exit = code;
  };
  await command.run({ paths: commandPaths(process.env, args.value('config')), args, bundles, show, endWith });
  return exit;
}
