import { badText } from '../../src/base/problem.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { ClientPolicy } from '../policy/policy.ts';
import { parseWord } from './action-template.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** An `[[action]]` of gate.toml: a command that clients may ask for by its name. */
export interface ConfiguredAction {
  readonly name: string;
  /** The program and its arguments, with placeholders. */
  readonly open: readonly string[];
  /** Runs when the time that was asked for is over; undefined: nothing runs. */
  readonly close: readonly string[] | undefined;
  readonly user: string;
  /** Seconds after which a command that still runs is killed. */
  readonly timeout: number;
  /** The text of fwknop's command message that asks for this action. */
  readonly command: string;
  readonly line: number;
}

/** Reads an `[[action]]`; what is wrong with it is added to the errors. */
export function readAction(table: TomlTable, errors: TomlErrors): ConfiguredAction {
  const reader = new TableReader(table, errors);
  const name = reader.text('name', parseName, '');
  const close = reader.texts('close', parseWord, []);
  const action: ConfiguredAction = {
    name,
    open: reader.texts('open', parseWord, []),
    close: close.length === 0 ? undefined : close,
    user: reader.text('user', userName, ''),
    timeout: reader.number('timeout', 1, 300, 10),
    command: reader.text('command', commandText, name),
    line: table.line,
  };
  if (!reader.has('name')) reader.fail('name', 'an [[action]] needs a name');
  if (!reader.has('user')) reader.fail('user', `action ${name} needs a user that it runs as`);
  for (const key of ['open', 'close'] as const) {
    const [program] = action[key] ?? [];
    const isMissing = program === undefined && (key === 'open' || reader.has('close'));
    if (isMissing || (program !== undefined && !/^\/[^{}]*$/.test(program)))
      reader.fail(key, `${key} of ${name} must begin with the absolute path of a program: ["/usr/bin/…", "{source}"]`);
  }
  reader.finish();
  return action;
}

/** Reads the `actions` of a client. */
export function readActions(reader: TableReader): readonly string[] {
  return reader.texts('actions', parseName, []);
}

/** Notes actions that contradict one another, and clients that may ask for an action that does not exist. */
export function noteActionFaults(
  actions: readonly ConfiguredAction[],
  clients: readonly ClientPolicy[],
  errors: TomlErrors,
): void {
  for (const [i, { name, command, line }] of actions.entries()) {
    for (const other of actions.slice(0, i)) {
      if (other.name === name && name !== '') errors.add(line, `the name ${name} is taken by line ${other.line}`);
      else if (other.command === command) errors.add(line, `command of ${name} is that of ${other.name}`);
    }
  }
  for (const client of clients) {
    for (const name of client.actions) {
      if (!actions.some((action) => action.name === name))
        errors.add(
          errors.lineOf(client),
          `${client.name} may ask for ${name}, and there is no [[action]] of that name`,
        );
    }
  }
}

/** Accepts what useradd(8) accepts, but nothing that a program could read as an option. */
export function userName(text: string, field: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(text)) throw badText(field, text, 'the name of a user of this machine');
  return text;
}

function commandText(text: string, field: string): string {
  if (!/^[ -~]{1,160}$/.test(text)) throw badText(field, text, 'printable ASCII, as the client sends it behind -C');
  return text;
}
