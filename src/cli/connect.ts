import type { RequestedPort } from '../base/ports.ts';
import { parsePortNumber } from '../base/ports.ts';
import { ExitCode } from '../base/problem.ts';
import { USUAL_TIMEOUT_MS } from '../client/gate/knock-and-wait.ts';
import { carry } from '../client/network/carry.ts';
import { cancelled, connectionLost } from '../client/problems.ts';
import { CONNECT } from '../command-table/client/knocking.ts';
import type { Command } from './command.ts';
import { findHost } from './find-host.ts';
import { openHost } from './open-host.ts';

export const connect: Command = {
  entry: CONNECT,
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

/** Adds the port to connect to, which is always asked for. */
function withPort(ports: readonly RequestedPort[], wanted: RequestedPort): readonly RequestedPort[] {
  const has = ports.some(({ protocol, port }) => protocol === wanted.protocol && port === wanted.port);
  return has ? ports : [...ports, wanted];
}
