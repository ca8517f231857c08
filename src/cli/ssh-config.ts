import { ExitCode } from '../base/problem.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { SSH_CONFIG } from '../command-table/client/hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';
import { ownSshConfig, sshEntry, writeSshEntry } from './ssh-entry.ts';

export const sshConfig: Command = {
  entry: SSH_CONFIG,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(name, hosts);
    if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
    const lines = sshEntry(host, host.kind === 'gate' ? host.sshPort : undefined, shell);
    const config = args.value('ssh-config') ?? ownSshConfig(shell);
    if (args.flag('write')) writeSshEntry(config, host.name, lines, shell);
    const file = args.flag('write') ? config : null;
    printResult(args, shell, { host: host.name, lines, file }, lines.join('\n'));
    if (file !== null) shell.tell(`Written to ${file}. Try: ssh ${host.name}`);
    return ExitCode.done;
  },
};
