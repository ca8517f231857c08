import type { RequestedPort } from '../base/ports.ts';
import { parsePortNumber } from '../base/ports.ts';
import { ExitCode } from '../base/problem.ts';
import { USUAL_TIMEOUT_MS } from '../client/gate/knock-and-wait.ts';
import { carry } from '../client/network/carry.ts';
import { cancelled, connectionLost } from '../client/problems.ts';
import type { Command } from './command.ts';
import { findHost } from './find-host.ts';
import { openHost } from './open-host.ts';

export const connect: Command = {
  name: 'connect',
  summary: 'Knock, and carry the connection over stdin and stdout, for ssh',
  help: `Usage: knockgate connect HOST PORT [--gate LINE] [--identity FILE] [--psk-file FILE]

Knocks, and carries the very connection that got through over standard input and output.
Quiet unless something goes wrong.

  --gate LINE      the gate's line, rather than the hosts file; HOST may then be the
                   address to knock at
  --identity FILE  the key; default: ~/.config/knockgate/id
  --psk-file FILE  the pre-shared key: with --gate, or in place of the host's

\`knockgate ssh-config HOST\` prints the entry below with whole paths, which the ssh
of an editor needs.

Example, in ~/.ssh/config:
  Host prod
    ProxyCommand knockgate connect prod %p`,
  options: { gate: 'value', identity: 'value', 'psk-file': 'value' },
  arguments: { least: 2, most: 2 },
  run: async (args, shell) => {
    const [name = '', portText = ''] = args.positionals;
    const port: RequestedPort = { protocol: 'tcp', port: parsePortNumber(portText, 'PORT') };
    const found = findHost(name, args, shell);
    const request = {
      ports: withPort(found.host.ports, port),
      sshPort: port.port,
      force: false,
      timeoutMs: USUAL_TIMEOUT_MS,
    };
    const result = await openHost(found, request, args, shell);
    if (result.kind === 'sent') return ExitCode.done;
    const end = await carry(shell.openStdin(), result.socket, shell.openStdout(), shell.signal);
    if (end.kind === 'lost') throw connectionLost(name, end.code);
    if (end.kind === 'aborted') throw cancelled(name);
    return ExitCode.done;
  },
};

/** What the host is configured to ask for, and the port to connect to in any case. */
function withPort(ports: readonly RequestedPort[], wanted: RequestedPort): readonly RequestedPort[] {
  const has = ports.some(({ protocol, port }) => protocol === wanted.protocol && port === wanted.port);
  return has ? ports : [...ports, wanted];
}
