import { ExitCode } from '../base/problem.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { shellWord } from '../os/shell-word.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';

export const sshConfig: Command = {
  name: 'ssh-config',
  summary: 'Print lines for ~/.ssh/config: then every ssh to a host knocks',
  help: `Usage: knockgate ssh-config HOST

Prints an entry for ~/.ssh/config. With it ssh, git, rsync and an editor's ssh
knock by themselves: they connect through \`knockgate connect\`.

The entry names Node and this program by their whole paths: an editor that was
started from a dock or a menu does not have the PATH of your terminal. Print it
again when one of the two has moved.

Example:
  knockgate ssh-config prod >> ~/.ssh/config`,
  options: {},
  arguments: { least: 1, most: 1 },
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(name, hosts);
    if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
    const port = host.kind === 'gate' ? host.sshPort : undefined;
    shell.print(`Host ${host.name}`);
    if (port !== undefined) shell.print(`  Port ${port}`);
    // ssh reads % as the begin of a token, and hands the rest to a shell.
    const program = shell.ownCommand().map((word) => shellWord(word).replaceAll('%', '%%'));
    shell.print(`  ProxyCommand ${[...program, 'connect', host.name, '%p'].join(' ')}`);
    return ExitCode.done;
  },
};
