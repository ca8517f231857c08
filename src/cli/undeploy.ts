import { toBase64Url } from '../base/bytes.ts';
import { ExitCode } from '../base/problem.ts';
import { readGates, removeFromHostsFile } from '../client/hosts/hosts-file.ts';
import type { Arguments, Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { hostsPath } from './paths.ts';
import { forgetPsk } from './psk-files.ts';
import type { Shell } from './shell.ts';
import { Terminal } from './terminal.ts';

export const undeploy: Command = {
  name: 'undeploy',
  summary: 'Remove a gate that deploy has set up',
  help: `Usage: knockgate undeploy HOST [--dry-run] [--yes] [--forget] [--name NAME]
                          [--ssh-config FILE] [--identity FILE]

Shows the hidden ports again, and removes every file, folder, user and unit that
\`knockgate deploy\` has made on the server. Packages stay, and are named. Then asks
whether to take the host out of ~/.config/knockgate/hosts.toml.

  --dry-run          print what would be done
  --yes              do not ask whether to go on; the host stays in hosts.toml
  --forget           take the host out of hosts.toml without asking
  --name NAME        what you call the host; default: HOST
  --ssh-config FILE  as ssh -F
  --ssh WAY          log in by the system's ssh or by the library: system, library;
                     default: the library, and ssh where the library cannot
  --identity FILE    the key to knock with; default: ~/.config/knockgate/id

Example:
  knockgate undeploy prod`,
  options: {
    'dry-run': 'flag',
    yes: 'flag',
    forget: 'flag',
    name: 'value',
    'ssh-config': 'value',
    ssh: 'value',
    identity: 'value',
  },
  arguments: { least: 1, most: 1 },
  run: async (args, shell) => {
    const [destination = ''] = args.positionals;
    const deployment = await loadDeployment(shell);
    const terminal = new Terminal(shell.openStdin(), shell.ask, shell.interrupt);
    const session = await startSession(destination, args, shell, deployment, terminal);
    const report = await deployment.removeGate({ ...session, ui: { ...session.ui, approve: session.agree } });
    shell.print(report);
    if (!session.dryRun) await offerToForget(session.host, args, shell, terminal);
    return ExitCode.done;
  },
};

/** A host that has no gate any more is knocked at for nothing. */
async function offerToForget(host: string, args: Arguments, shell: Shell, terminal: Terminal): Promise<void> {
  const path = hostsPath(shell);
  const known = readGates(path).get(host);
  if (known === undefined) return;
  const isWanted =
    args.flag('forget') || (!args.flag('yes') && (await terminal.confirm(`Take ${host} out of ${path}?`)));
  if (!isWanted) return shell.tell(`${host} stays in ${path}.`);
  removeFromHostsFile(path, host, toBase64Url(shell.crypto.randomBytes(9)));
  forgetPsk(known, shell);
  shell.tell(`${host} is no longer in ${path}.`);
}
