import { version } from '../../package.json';
import { ExitCode } from '../base/problem.ts';
import { CLIENT } from '../command-table/client/program.ts';
import { FROM_AFAR } from '../command-table/gate/from-afar.ts';
import { helpFor } from '../command-table/help.ts';
import { findCommand, helpWanted, readArguments } from '../command-table/read-line.ts';
import { add } from './add.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { connect } from './connect.ts';
import { deploy, upgrade } from './deploy.ts';
import { gate } from './gate.ts';
import { importFwknoprc } from './import-fwknoprc.ts';
import { importKey } from './import-key.ts';
import { importKnockd } from './import-knockd.ts';
import { keygen } from './keygen.ts';
import { knock } from './knock.ts';
import { link } from './link.ts';
import { list } from './list.ts';
import { helpWordsOf } from './passed-on.ts';
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
  upgrade,
  undeploy,
  gate,
  importKey,
  recover,
  importFwknoprc,
  importKnockd,
  completion,
];

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

async function dispatch(argv: readonly string[], shell: Shell): Promise<number> {
  if (argv[0] === '--version') {
    shell.print(`knockgate ${version}`);
    return ExitCode.done;
  }
  const about = helpWanted(argv);
  if (about !== undefined) {
    const [first, ...more] = about;
    const ofGate = first === gate.entry.name ? helpWordsOf(more) : [];
    shell.print(ofGate.length > 0 ? helpFor(FROM_AFAR, ofGate) : helpFor(CLIENT, about));
    return ExitCode.done;
  }
  const { command, args } = findCommand(CLIENT, argv);
  const found = COMMANDS.find(({ entry }) => entry === command);
  if (found === undefined) throw new RangeError(`${command.name} is in the table, and nothing does it`);
  return found.run(readArguments(CLIENT, command, args), shell);
}
