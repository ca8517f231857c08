import { formatPort, parsePorts } from '../base/ports.ts';
import { badText, ExitCode } from '../base/problem.ts';
import { type KnockResult, USUAL_TIMEOUT_MS } from '../client/gate/knock-and-wait.ts';
import { parseName } from '../spa/enrolment.ts';
import type { Command } from './command.ts';
import { findHost } from './find-host.ts';
import { openHost } from './open-host.ts';

export const knock: Command = {
  name: 'knock',
  summary: 'Knock at a host, and wait until its port is open',
  help: `Usage: knockgate knock HOST [--port tcp/22,…] [--gate LINE] [--identity FILE]
                       [--psk-file FILE] [--action NAME] [--force] [--timeout SECONDS] [--json]

Knocks, waits until the TCP port answers, and says how long it took. When a door is open
from an earlier knock with more than five seconds left, it is not knocked again.

  HOST               a name of hosts.toml, in capitals or not, or the gate's address;
                     a user and a port are left out: dev@prod, prod:22
  --port tcp/22,…    ask for these ports only, ranges too: tcp/22,udp/60000-60010;
                     default: the host's ports, else whatever the gate allows,
                     and wait for the host's sshPort, which deploy has noted, or
                     else tcp/22
  --action NAME      run the gate's action of that name, and open nothing but
                     what --port says; whether it ran is unknown here
  --gate LINE        the gate's line, rather than the hosts file; HOST may then be the
                     address to knock at
  --identity FILE    the key; default: ~/.config/knockgate/id
  --psk-file FILE    the pre-shared key: with --gate, or in place of the host's
  --force            knock even when the door should be open
  --timeout SECONDS  how long to wait; default: ${USUAL_TIMEOUT_MS / 1000}
  --json             print one JSON object, errors included:
                     {"host", "open", "address", "port", "afterMs", "knocks", "sourceClaimed"}
                     or {"error": {"code", "what", "why", "next"}}

Example:
  knockgate knock prod && ssh prod`,
  options: {
    port: 'value',
    action: 'value',
    gate: 'value',
    identity: 'value',
    'psk-file': 'value',
    force: 'flag',
    timeout: 'value',
    json: 'flag',
  },
  arguments: { least: 1, most: 1 },
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const asked = args.value('port');
    const ports = asked === undefined ? undefined : parsePorts(asked.split(','), '--port');
    const wish = args.value('action');
    const action = wish === undefined ? undefined : parseName(wish, '--action');
    const timeout = args.value('timeout');
    const request = {
      // With an action and no --port nothing but the action is asked for.
      ports: ports ?? (action === undefined ? undefined : []),
      action,
      sshPort: undefined,
      // A door that is open already runs nothing.
      force: args.flag('force') || action !== undefined,
      timeoutMs: timeout === undefined ? USUAL_TIMEOUT_MS : parseSeconds(timeout) * 1000,
    };
    const result = await openHost(findHost(name, args, shell), request, args, shell);
    if (result.kind === 'open') result.socket.destroy();
    shell.print(args.flag('json') ? JSON.stringify(record(name, result)) : sentence(name, result, action));
    return ExitCode.done;
  },
};

function sentence(name: string, result: KnockResult, action: string | undefined): string {
  if (result.kind === 'sent' && action !== undefined)
    return `${name}: asked for ${action} at ${result.addresses.join(', ')}; whether it ran is unknown`;
  if (result.kind === 'sent') return `${name}: knocked at ${result.addresses.join(', ')}; whether it opened is unknown`;
  const where = `(${result.address} tcp/${result.port})`;
  if (result.knocks === 0) return `${name}: still open ${where}`;
  return `${name}: open after ${Math.round(result.afterMs)} ms ${where}`;
}

function record(name: string, result: KnockResult): Record<string, unknown> {
  if (result.kind === 'sent') return { host: name, open: null, addresses: result.addresses, knocks: result.knocks };
  return {
    host: name,
    open: true,
    address: result.address,
    port: formatPort({ protocol: 'tcp', port: result.port }),
    afterMs: Math.round(result.afterMs * 10) / 10,
    knocks: result.knocks,
    sourceClaimed: result.sourceClaimed,
  };
}

function parseSeconds(text: string): number {
  const seconds = /^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > 3600) throw badText('--timeout', text, 'seconds above 0, at most 3600');
  return seconds;
}
