import { ExitCode, Problem } from '../base/problem.ts';
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
import { removalOfEntry, sshConfigPath } from './ssh-entry.ts';
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
    const end = session.dryRun ? STAYS : await offerToForget(session.host, args, shell, terminal);
    const { forgotten, sshConfig, error } = end;
    if (args.flag('json')) shell.print(JSON.stringify({ host: session.host, report, forgotten, sshConfig }));
    if (error === undefined) return ExitCode.done;
    shell.tell(error.message);
    return error.text.exit;
  },
};

/** The host on this computer, after the removal of its gate. */
interface End {
  readonly forgotten: boolean;
  /** SSH configuration whose entry of the host was removed. */
  readonly sshConfig: string | null;
  /** Reason why the host was not removed, though it was wanted. */
  readonly error?: Problem;
}

const STAYS: End = { forgotten: false, sshConfig: null };

/** Offers to remove the host, since knocking at it is useless without a gate. */
async function offerToForget(host: string, args: Arguments, shell: Shell, terminal: Terminal): Promise<End> {
  const path = hostsPath(shell);
  const known = readGates(path).get(host);
  if (known === undefined) return STAYS;
  try {
    // Checked before the question: the host stays together with its entry.
    const entry = removalOfEntry(sshConfigPath(args, shell), host, shell);
    const files = entry === undefined ? path : `${path} and ${entry.path}`;
    const isWanted =
      args.flag('forget') || (!args.flag('yes') && (await terminal.confirm(`Take ${host} out of ${files}?`)));
    if (!isWanted) {
      shell.tell(`${host} stays in ${files}.`);
      return STAYS;
    }
    // First what may be refused: somebody may have edited the file meanwhile.
    entry?.make();
    await changeHosts(shell, (file, suffix) => removeFromHostsFile(file, host, suffix));
    forgetPsk(known, shell);
    shell.tell(`${host} is no longer in ${files}.`);
    return { forgotten: true, sshConfig: entry?.path ?? null };
  } catch (error) {
    // The gate is gone all the same, and its report counts.
    if (!(error instanceof Problem)) throw error;
    shell.tell(`${host} stays in ${path}; to remove it later: knockgate remove ${host}`);
    return { ...STAYS, error };
  }
}
