import { ExitCode } from '../base/problem.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { SSH_CONFIG } from '../command-table/client/hosts.ts';
import { shellWord } from '../os/shell-word.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';

export const sshConfig: Command = {
  entry: SSH_CONFIG,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(name, hosts);
    if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
    const port = host.kind === 'gate' ? host.sshPort : undefined;
    shell.print(`Host ${host.name}`);
    if (port !== undefined) shell.print(`  Port ${port}`);
    // ssh reads % as the beginning of a token, and passes the rest to a shell.
    const program = shell.ownCommand().map((word) => shellWord(word).replaceAll('%', '%%'));
    shell.print(`  ProxyCommand ${[...program, 'connect', host.name, '%p'].join(' ')}`);
    return ExitCode.done;
  },
};
