import { ExitCode } from '../spa/problem.ts';
import type { Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { Terminal } from './terminal.ts';

export const undeploy: Command = {
  name: 'undeploy',
  summary: 'Remove a gate that deploy has set up',
  help: `Usage: knockgate undeploy HOST [--dry-run] [--yes] [--name NAME] [--ssh-config FILE]
                          [--identity FILE]

Shows the hidden ports again, and removes every file, folder, user and unit that
\`knockgate deploy\` has made on the server. Packages stay, and are named. The host stays
in ~/.config/knockgate/hosts.toml.

  --dry-run          print what would be done
  --yes              do not ask whether to go on
  --name NAME        what you call the host; default: HOST
  --ssh-config FILE  as ssh -F
  --identity FILE    the key to knock with; default: ~/.config/knockgate/id

Example:
  knockgate undeploy prod`,
  options: { 'dry-run': 'flag', yes: 'flag', name: 'value', 'ssh-config': 'value', identity: 'value' },
  arguments: { least: 1, most: 1 },
  run: async (args, shell) => {
    const [destination = ''] = args.positionals;
    const deployment = await loadDeployment(shell);
    const terminal = new Terminal(shell.stdin, shell.ask, shell.interrupt);
    const session = await startSession(destination, args, shell, deployment, terminal, {
      chooseSecondWay: async () => undefined,
      secureSecondWay: async () => true,
    });
    const report = await deployment.removeGate({
      ...session,
      dryRun: args.flag('dry-run'),
      clock: shell.clock,
      probe: shell.probe,
      resolve: shell.resolve,
      signal: shell.signal,
    });
    shell.print(report);
    return ExitCode.done;
  },
};
