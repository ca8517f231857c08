import { version } from '../../package.json';
import { ExitCode } from '../base/problem.ts';
import { helpWanted, readArguments } from '../command-table/read-line.ts';
import { connect } from './connect.ts';
import { knock } from './knock.ts';
import { commandsMissing } from './problems.ts';
import { report } from './report.ts';
import type { Shell } from './shell.ts';

/** Commands that connections wait for: nothing else is loaded for them. */
const FAST = [knock, connect];

/**
 * Runs the command line.
 * @param argv what follows the program's name
 * @param loadCommands loads all commands but those
 * @returns the exit code; errors have been printed
 */
export async function run(argv: readonly string[], shell: Shell, loadCommands = load): Promise<number> {
  try {
    return await dispatch(argv, shell, loadCommands);
  } catch (error) {
    return report(error, argv, shell);
  }
}

/** @throws Problem `commands-missing` */
async function load(): Promise<typeof import('./commands.ts')> {
  try {
    return await import('./commands.ts');
  } catch (error) {
    throw commandsMissing(error);
  }
}

async function dispatch(argv: readonly string[], shell: Shell, loadCommands: typeof load): Promise<number> {
  const [first, ...args] = argv;
  if (first === '--version') {
    shell.print(`knockgate ${version}`);
    return ExitCode.done;
  }
  const about = helpWanted(argv);
  const fast = FAST.find(({ entry }) => entry.name === first);
  if (about === undefined && fast !== undefined) {
    const alone = { name: 'knockgate', summary: '', groups: [], options: [], notes: [] };
    return await fast.run(readArguments(alone, fast.entry, args), shell);
  }
  const { clientHelp, runCommand } = await loadCommands();
  if (about === undefined) return await runCommand(argv, shell);
  shell.print(clientHelp(about));
  return ExitCode.done;
}
