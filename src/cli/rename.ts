import { ExitCode } from '../base/problem.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile, renameInHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { RENAME } from '../command-table/client/hosts.ts';
import { parseName } from '../spa/enrolment.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';
import { removalOfEntry, sshConfigPath, sshEntry } from './ssh-entry.ts';

export const rename: Command = {
  entry: RENAME,
  run: async (args, shell) => {
    const [asked = '', wanted = ''] = args.positionals;
    const to = parseName(wanted, 'NAME');
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(asked, hosts);
    if (host === undefined) throw hostUnknown(asked, [...hosts.keys()], path);
    const from = host.name;
    const lines = sshEntry({ name: to }, host.kind === 'gate' ? host.sshPort : undefined, shell);
    const entry = removalOfEntry(sshConfigPath(args, shell), from, shell, { host: to, lines });
    await changeHosts(shell, (file, suffix) => renameInHostsFile(file, from, to, suffix));
    entry?.make();
    const result = { host: to, before: from, file: path, sshConfig: entry?.path ?? null };
    printResult(args, shell, result, `${from}: now ${to} in ${path}`);
    shell.tell(
      entry === undefined
        ? `For ssh ${to} to knock by itself: knockgate ssh-config ${to} --write`
        : `The entry in ${entry.path} is renamed too: ssh ${to} knocks by itself now, ssh ${from} no longer does.`,
    );
    return ExitCode.done;
  },
};
