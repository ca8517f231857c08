import { ExitCode } from '../base/problem.ts';
import { readGates, removeFromHostsFile } from '../client/hosts/hosts-file.ts';
import { UNDEPLOY } from '../command-table/client/servers.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { Documents } from './documents.ts';
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
    const documents = new Documents(args);
    const approve = (plan: string, inShort: string) => session.agree(documents.shown(plan, inShort));
    const { report, summary } = await deployment.removeGate({ ...session, ui: { ...session.ui, approve } });
    const shown = documents.shown(report, summary);
    if (!args.flag('json')) shell.print(shown);
    const forgotten = !session.dryRun && (await offerToForget(session.host, args, shell, terminal));
    if (args.flag('json')) shell.print(JSON.stringify({ host: session.host, report, forgotten }));
    return ExitCode.done;
  },
};

/** Offers to remove the host, since knocking at it is useless without a gate. Whether it was removed. */
async function offerToForget(host: string, args: Arguments, shell: Shell, terminal: Terminal): Promise<boolean> {
  const path = hostsPath(shell);
  const known = readGates(path).get(host);
  if (known === undefined) return false;
  const isWanted =
    args.flag('forget') || (!args.flag('yes') && (await terminal.confirm(`Take ${host} out of ${path}?`)));
  if (!isWanted) {
    shell.tell(`${host} stays in ${path}.`);
    return false;
  }
  await changeHosts(shell, (file, suffix) => removeFromHostsFile(file, host, suffix));
  forgetPsk(known, shell);
  shell.tell(`${host} is no longer in ${path}.`);
  return true;
}
