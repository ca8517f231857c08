import { version } from '../../package.json';
import { ExitCode } from '../base/problem.ts';
import { add } from './add.ts';
import { type Command, readArguments, usageProblem } from './command.ts';
import { connect } from './connect.ts';
import { deploy } from './deploy.ts';
import { gate } from './gate.ts';
import { importFwknoprc } from './import-fwknoprc.ts';
import { importKey } from './import-key.ts';
import { importKnockd } from './import-knockd.ts';
import { keygen } from './keygen.ts';
import { knock } from './knock.ts';
import { link } from './link.ts';
import { list } from './list.ts';
import { pubkey } from './pubkey.ts';
import { recover } from './recover.ts';
import { report } from './report.ts';
import type { Shell } from './shell.ts';
import { sshConfig } from './ssh-config.ts';
import { undeploy } from './undeploy.ts';

const COMMANDS: readonly Command[] = [
  keygen,
  pubkey,
  add,
  link,
  list,
  knock,
  connect,
  sshConfig,
  deploy,
  undeploy,
  gate,
  importKey,
  recover,
  importFwknoprc,
  importKnockd,
];

const OVERVIEW = `Usage: knockgate COMMAND

Opens a hidden port for you alone, just before you connect.

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(15)} ${summary}`).join('\n')}

  --help     on its own, or behind a command
  --version

Files: ~/.config/knockgate, on Windows %APPDATA%\\knockgate
Start with: knockgate keygen`;

/**
 * Runs the command line.
 * @param argv what follows the program's name
 * @returns the exit code; errors have been printed
 */
export async function run(argv: readonly string[], shell: Shell): Promise<number> {
  try {
    return await dispatch(argv, shell);
  } catch (error) {
    return report(error, argv, shell);
  }
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

async function dispatch(argv: readonly string[], shell: Shell): Promise<number> {
  const [name, ...args] = argv;
  if (name === '--version') {
    shell.print(`knockgate ${version}`);
    return ExitCode.done;
  }
  if (isHelp(name) || name === 'help') {
    shell.print(OVERVIEW);
    return ExitCode.done;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const what = name === undefined ? 'A command is missing.' : `There is no command ${JSON.stringify(name)}.`;
    throw usageProblem(what, `Try one of ${COMMANDS.map((each) => each.name).join(', ')}, or knockgate --help`);
  }
  if (args.some(isHelp)) {
    shell.print(command.help);
    return ExitCode.done;
  }
  return command.run(readArguments(command, args), shell);
}
