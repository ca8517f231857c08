import { ExitCode } from '../base/problem.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile, removeFromHostsFile } from '../client/hosts/hosts-file.ts';
import { cancelled, hostUnknown } from '../client/problems.ts';
import { REMOVE } from '../command-table/client/hosts.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { forgetPsk } from './psk-files.ts';
import { printResult } from './result.ts';
import { removalOfEntry, sshConfigPath } from './ssh-entry.ts';
import { Terminal } from './terminal.ts';

export const remove: Command = {
  entry: REMOVE,
  run: async (args, shell) => {
    const [asked = ''] = args.positionals;
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(asked, hosts);
    if (host === undefined) throw hostUnknown(asked, [...hosts.keys()], path);
    const { name } = host;
    const entry = removalOfEntry(sshConfigPath(args, shell), name, shell);
    const files = entry === undefined ? path : `${path} and ${entry.path}`;
    const question = `Remove ${name} from ${files}? The gate on the server stays as it is.`;
    const terminal = Terminal.of(shell);
    if (!args.flag('yes') && !(await terminal.confirm(question))) throw cancelled(name);
    // First what may be refused: somebody may have edited the file meanwhile.
    entry?.make();
    await changeHosts(shell, (file, suffix) => removeFromHostsFile(file, name, suffix));
    if (host.kind === 'gate') forgetPsk(host, shell);
    const result = { host: name, file: path, sshConfig: entry?.path ?? null };
    printResult(args, shell, result, `${name}: removed from ${files}`);
    return ExitCode.done;
  },
};
