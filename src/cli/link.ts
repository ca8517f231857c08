import { ExitCode } from '../base/problem.ts';
import { hostNotAGate } from '../client/gate/known-gates-problems.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { hostUnknown } from '../client/problems.ts';
import { formatGateLink, parseScheme, USUAL_SCHEME } from '../spa/enrolment-link.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';

export const link: Command = {
  name: 'link',
  summary: 'Print a link that adds a host in the editor, after it has asked',
  help: `Usage: knockgate link HOST [--scheme SCHEME]

Prints a link for a mail or a wiki. It opens the editor, which shows the gate's
name, addresses, ports and key, and asks whether to add it. The link holds no
secret: the gate still has to learn each client's key.

  --scheme SCHEME  of the editor: vscode, vscodium, cursor, …; default: vscode

Example:
  knockgate link prod`,
  options: { scheme: 'value' },
  arguments: { least: 1, most: 1 },
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const scheme = parseScheme(args.value('scheme') ?? USUAL_SCHEME, '--scheme');
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const host = hostMeant(name, hosts);
    if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
    if (host.kind !== 'gate') throw hostNotAGate(name);
    shell.print(formatGateLink(host.gate, scheme));
    return ExitCode.done;
  },
};
