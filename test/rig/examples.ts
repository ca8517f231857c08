import { CLIENT } from '../../src/command-table/client/program.ts';
import { type CommandEntry, commandsOf } from '../../src/command-table/entry.ts';
import { GATE } from '../../src/command-table/gate/program.ts';

/** A line that the command table gives as an example. */
export interface TypedExample {
  readonly command: CommandEntry;
  readonly line: string;
}

/** Every example of both programs. */
export const EXAMPLES: readonly TypedExample[] = [CLIENT, GATE].flatMap((program) =>
  commandsOf(program).flatMap((command) => command.examples.map(({ line }) => ({ command, line }))),
);

/** Commands that need a server. */
const WITH_SERVER = [
  ...[
    'knock',
    'connect',
    'status',
    'diagnose',
    'recover',
    'deploy',
    'upgrade',
    'undeploy',
    'gate',
    'activity',
    'events',
  ],
  // Its file is made by a set-up.
  'import-key',
];

/** Examples that need no server: test/gate/examples.test.ts types each of them. */
export const EXAMPLES_AT_HOME = EXAMPLES.filter(
  ({ command, line }) =>
    commandsOf(CLIENT).includes(command) && !WITH_SERVER.includes(command.name) && !/^ssh |knockgate knock/.test(line),
);
