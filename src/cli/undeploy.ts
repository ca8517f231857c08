import { ExitCode } from '../base/problem.ts';
import { readGates, removeFromHostsFile } from '../client/hosts/hosts-file.ts';
import { UNDEPLOY } from '../command-table/client/servers.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { hostsPath } from './paths.ts';
import { forgetPsk } from './psk-files.ts';
import type { Shell } from './shell.ts';
import { Terminal } from './terminal.ts';

export const undeploy: Command = {
  entry: UNDEPLOY,
  run: async (args, shell) => {
    const [destination = ''] = args.positionals;
    const deployment = await loadDeployment(shell);
    const terminal = Terminal.of(shell);
    terminal.hush();
    const session = await startSession(destination, args, shell, deployment, terminal);
    const report = await deployment.removeGate({ ...session, ui: { ...session.ui, approve: session.agree } });
    shell.print(report);
    if (!session.dryRun) await offerToForget(session.host, args, shell, terminal);
    return ExitCode.done;
  },
};

/** Offers to remove the host: without a gate, knocking is useless. */
async function offerToForget(host: string, args: Arguments, shell: Shell, terminal: Terminal): Promise<void> {
  const path = hostsPath(shell);
  const known = readGates(path).get(host);
  if (known === undefined) return;
  const isWanted =
    args.flag('forget') || (!args.flag('yes') && (await terminal.confirm(`Take ${host} out of ${path}?`)));
  if (!isWanted) return shell.tell(`${host} stays in ${path}.`);
  await changeHosts(shell, (file, suffix) => removeFromHostsFile(file, host, suffix));
  forgetPsk(known, shell);
  shell.tell(`${host} is no longer in ${path}.`);
}
