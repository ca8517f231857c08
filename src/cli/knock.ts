import { formatPort, parsePorts } from '../base/ports.ts';
import { badText, ExitCode } from '../base/problem.ts';
import { type KnockResult, USUAL_TIMEOUT_MS } from '../client/gate/knock-and-wait.ts';
import { KNOCK } from '../command-table/client/knocking.ts';
import { parseName } from '../spa/enrolment.ts';
import type { Command } from './command.ts';
import { findHost } from './find-host.ts';
import { openHost } from './open-host.ts';

export const knock: Command = {
  entry: KNOCK,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const asked = args.value('port');
    const ports = asked === undefined ? undefined : parsePorts(asked.split(','), '--port');
    const wish = args.value('action');
    const action = wish === undefined ? undefined : parseName(wish, '--action');
    const timeout = args.value('timeout');
    const request = {
      // With an action and no --port, the knock asks for the action alone.
      ports: ports ?? (action === undefined ? undefined : []),
      action,
      sshPort: undefined,
      // Without a knock, an open port would run no action.
      force: args.flag('force') || action !== undefined,
      timeoutMs: timeout === undefined ? USUAL_TIMEOUT_MS : parseSeconds(timeout) * 1000,
    };
    const result = await openHost(findHost(name, args, shell), request, args, shell);
    if (result.kind === 'open') result.socket.destroy();
    shell.print(
      args.flag('json') ? JSON.stringify(record(name, result)) : sentence(name, result, action, shell.clock.wallMs()),
    );
    return ExitCode.done;
  },
};

function leftOf(untilMs: number | undefined, nowMs: number): string {
  return untilMs === undefined ? '' : ` for ${Math.ceil((untilMs - nowMs) / 1000)} s more`;
}

function sentence(name: string, result: KnockResult, action: string | undefined, nowMs: number): string {
  if (result.kind === 'sent' && action !== undefined)
    return `${name}: asked for ${action} at ${result.addresses.join(', ')}; whether it ran is unknown`;
  if (result.kind === 'sent') return `${name}: knocked at ${result.addresses.join(', ')}; whether it opened is unknown`;
  const where = `(${result.address} tcp/${result.port})`;
  if (result.knocks === 0) return `${name}: still open${leftOf(result.untilMs, nowMs)} ${where}`;
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
