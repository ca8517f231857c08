import { ExitCode } from '../base/problem.ts';
import { hostNotAGate } from '../client/gate/known-gates-problems.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { LINK } from '../command-table/client/hosts.ts';
import { formatGateLink, parseScheme, USUAL_SCHEME } from '../spa/enrolment-link.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';

export const link: Command = {
  entry: LINK,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const scheme = parseScheme(args.value('scheme') ?? USUAL_SCHEME, '--scheme');
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(name, hosts);
    if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
    if (host.kind !== 'gate') throw hostNotAGate(name);
    const formed = formatGateLink(host.gate, scheme);
    printResult(args, shell, { host: host.name, link: formed }, formed);
    return ExitCode.done;
  },
};
