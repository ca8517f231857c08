import { ExitCode, exitCodeOf } from '../base/problem.ts';
import { type Command, usageProblem } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { Terminal } from './terminal.ts';

/** What of `knockgated` can be done from afar without being able to lock anybody out who is in. */
const SUBCOMMANDS = ['status', 'list', 'check', 'grant', 'revoke', 'flush', 'client', 'rotate'];

export const gate: Command = {
  name: 'gate',
  summary: 'Ask the gate of a server, over ssh: status, list, revoke, client add, rotate …',
  help: `Usage: knockgate gate HOST [options] [--] SUBCOMMAND …

Knocks, logs in, and has knockgated(8) on the server do one of
  ${SUBCOMMANDS.join(', ')}
Put -- before a subcommand with options of its own. The key of this device is not removed.

rotate gives the gate a new key, and this device its new line; it is kept only when a
knock with it was heard. Devices with the previous line are heard for 14 days more,
or --days; --finish ends that, --back goes back to the previous key.

  --name NAME        what you call the host; default: HOST
  --ssh-config FILE  as ssh -F
  --ssh WAY          log in by the system's ssh or by the library: system, library;
                     default: the library, and ssh where the library cannot
  --identity FILE    the key to knock with; default: ~/.config/knockgate/id

Examples:
  knockgate gate prod status
  knockgate gate prod client remove old-laptop
  knockgate gate prod -- list --json
  knockgate gate prod -- rotate --days 30`,
  options: { name: 'value', 'ssh-config': 'value', ssh: 'value', identity: 'value' },
  arguments: { least: 2, most: 20 },
  wrongOption: 'Options of the subcommand go behind --, as in: knockgate gate prod -- list --json',
  run: async (args, shell) => {
    const [destination = '', ...argv] = args.positionals;
    if (!SUBCOMMANDS.includes(argv[0] ?? ''))
      throw usageProblem(`knockgate gate: ${JSON.stringify(argv[0])} is not offered.`, 'Try: knockgate gate --help');
    const deployment = await loadDeployment(shell);
    const terminal = new Terminal(shell.openStdin(), shell.ask, shell.interrupt);
    const session = await startSession(destination, args, shell, deployment, terminal);
    const { probe, resolve, signal } = shell;
    if (argv[0] === 'rotate') {
      const asked = { options: argv.slice(1), clock: shell.clock, probe, resolve, signal };
      shell.print(await deployment.rotateGateKey({ ...session, ...asked }));
      return ExitCode.done;
    }
    const { code, stdout, stderr } = await deployment.askGate({ ...session, probe, resolve, signal }, argv);
    if (stdout !== '') shell.print(stdout.trimEnd());
    if (stderr !== '') shell.tell(stderr.trimEnd());
    return exitCodeOf(code);
  },
};
