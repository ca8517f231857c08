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

export const rename: Command = {
  entry: RENAME,
  run: async (args, shell) => {
    const [asked = '', wanted = ''] = args.positionals;
    const to = parseName(wanted, 'NAME');
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const from = hostMeant(asked, hosts)?.name;
    if (from === undefined) throw hostUnknown(asked, [...hosts.keys()], path);
    await changeHosts(shell, (file, suffix) => renameInHostsFile(file, from, to, suffix));
    printResult(args, shell, { host: to, before: from, file: path }, `${from}: now ${to} in ${path}`);
    shell.tell(`For ssh ${to} to knock by itself: knockgate ssh-config ${to} --write`);
    return ExitCode.done;
  },
};
