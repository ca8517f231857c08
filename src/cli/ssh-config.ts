import { ExitCode } from '../base/problem.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { SSH_CONFIG } from '../command-table/client/hosts.ts';
import { usageProblem } from '../command-table/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';
import type { Shell } from './shell.ts';
import { removalOfEntry, sshConfigPath, sshEntry, writeSshEntry } from './ssh-entry.ts';

export const sshConfig: Command = {
  entry: SSH_CONFIG,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(name, hosts);
    const config = sshConfigPath(args, shell);
    if (args.flag('remove')) return removeEntry(host?.name ?? name, config, args, shell);
    if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
    const lines = sshEntry(host, host.kind === 'gate' ? host.sshPort : undefined, shell);
    if (args.flag('write')) writeSshEntry(config, host.name, lines, shell);
    const file = args.flag('write') ? config : null;
    printResult(args, shell, { host: host.name, lines, file }, lines.join('\n'));
    if (file !== null) shell.tell(`Written to ${file}. Try: ssh ${host.name}`);
    return ExitCode.done;
  },
};

/** Takes an entry out, also that of a host that is no longer known. */
function removeEntry(host: string, config: string, args: Arguments, shell: Shell): ExitCode {
  if (args.flag('write'))
    throw usageProblem('knockgate ssh-config: choose --write or --remove.', 'Try: knockgate help ssh-config');
  const entry = removalOfEntry(config, host, shell);
  entry?.make();
  const said = entry === undefined ? `${host}: no entry in ${config}` : `${host}: entry removed from ${config}`;
  printResult(args, shell, { host, lines: [], file: entry?.path ?? null }, said);
  return ExitCode.done;
}
