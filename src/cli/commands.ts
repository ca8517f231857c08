import { CLIENT } from '../command-table/client/program.ts';
import { FROM_AFAR } from '../command-table/gate/from-afar.ts';
import { helpFor } from '../command-table/help.ts';
import { findCommand, readArguments } from '../command-table/read-line.ts';
import { activity } from './activity.ts';
import { add } from './add.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { connect } from './connect.ts';
import { deploy, upgrade } from './deploy.ts';
import { diagnose } from './diagnose.ts';
import { events } from './events.ts';
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
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import type { Shell } from './shell.ts';
import { sshConfig } from './ssh-config.ts';
import { status } from './status.ts';
import { undeploy } from './undeploy.ts';

/* Every command but its loading: run.ts loads this for all that is not a knock. */

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
  activity,
  events,
  importKey,
  recover,
  importFwknoprc,
  importKnockd,
  completion,
  diagnose,
  remove,
  rename,
  status,
];

/**
 * Runs any command.
 * @returns the exit code
 */
export async function runCommand(argv: readonly string[], shell: Shell): Promise<number> {
  const { command, args } = findCommand(CLIENT, argv);
  const found = COMMANDS.find(({ entry }) => entry === command);
  if (found === undefined) throw new RangeError(`${command.name} is in the table, and nothing does it`);
  return found.run(readArguments(CLIENT, command, args), shell);
}

/** Help about the words behind `help`, or in front of `--help`. */
export function clientHelp(about: readonly string[]): string {
  const [first, ...more] = about;
  const ofGate = first === gate.entry.name ? helpWordsOf(more) : [];
  return ofGate.length > 0 ? helpFor(FROM_AFAR, ofGate) : helpFor(CLIENT, about);
}
