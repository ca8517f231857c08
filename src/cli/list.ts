import { formatPort } from '../base/ports.ts';
import { ExitCode } from '../base/problem.ts';
import type { FwknopFileHost } from '../client/fwknop/host.ts';
import type { Host } from '../client/gate/host.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import type { SequenceHost } from '../client/sequence/host.ts';
import { formatGateLine } from '../spa/enrolment.ts';
import type { Command } from './command.ts';
import { hostsPath } from './places.ts';

export const list: Command = {
  name: 'list',
  summary: 'List the hosts that are known',
  help: `Usage: knockgate list [--json]

Lists the hosts of ~/.config/knockgate/hosts.toml: name, where the knock goes, what it
asks for.

  --json  print {"hosts": {NAME: {...}}}, the fields as in the setting knockgate.hosts

Example:
  knockgate list`,
  options: { json: 'flag' },
  arguments: { least: 0, most: 0 },
  run: async (args, shell) => {
    const path = hostsPath(shell);
    const file = readHostsFile(path);
    const [hosts, fwknop, sequences] = [
      [...file.gates.values()],
      [...file.fwknop.values()],
      [...file.sequence.values()],
    ];
    if (args.flag('json')) {
      const records = [
        ...hosts.map((host) => [host.name, record(host)]),
        ...fwknop.map((host) => [host.name, recordOfFwknop(host)]),
        ...sequences.map((host) => [host.name, recordOfSequence(host)]),
      ];
      shell.print(JSON.stringify({ hosts: Object.fromEntries(records) }));
    } else if (hosts.length + fwknop.length + sequences.length === 0) {
      shell.tell(`No host in ${path} yet. Add one: knockgate add 'knockgate1 gate …'`);
    } else {
      const width = Math.max(...[...hosts, ...fwknop, ...sequences].map(({ name }) => name.length));
      for (const host of hosts) shell.print(`${host.name.padEnd(width)}  ${describe(host)}`);
      for (const host of fwknop) shell.print(`${host.name.padEnd(width)}  ${describeFwknop(host)}`);
      for (const host of sequences) shell.print(`${host.name.padEnd(width)}  ${describeSequence(host)}`);
    }
    return ExitCode.done;
  },
};

function describe(host: Host): string {
  const where = host.address ?? host.gate.addresses.join(', ');
  const knockPorts = (host.knockPorts ?? host.gate.knockPorts).join(', ');
  const ports = host.ports.length === 0 ? 'whatever the gate allows' : host.ports.map(formatPort).join(', ');
  const seconds = host.duration === 0 ? '' : ` (${host.duration} s)`;
  return `knocks at ${where} (UDP ${knockPorts}) for ${ports}${seconds}`;
}

function describeFwknop({ address, carrier, knockPort, ports, forward, command, duration }: FwknopFileHost): string {
  const seconds = duration === 0 ? '' : ` (${duration} s)`;
  const leads = forward === undefined ? '' : ` to ${forward.host ?? 'itself'}:${forward.port}`;
  const what = command === undefined ? `for ${ports.map(formatPort).join(', ')}${leads}${seconds}` : 'to run a command';
  return `fwknop at ${address} (${carrier.toUpperCase()} ${knockPort}) ${what}`;
}

function recordOfFwknop(host: FwknopFileHost): Record<string, unknown> {
  const { address, carrier, knockPort, ports, forward, command, duration } = host;
  return { kind: 'fwknop', address, carrier, knockPort, ports: ports.map(formatPort), forward, command, duration };
}

function describeSequence({ address, sequence, ports }: SequenceHost): string {
  const what = sequence.kind === 'fixed' ? `sequence of ${sequence.steps.length} steps` : 'one-time sequence';
  return `${what} at ${address} for ${ports.map(formatPort).join(', ')}`;
}

function recordOfSequence({ address, sequence, delayMs, family, ports }: SequenceHost): Record<string, unknown> {
  const what =
    sequence.kind === 'fixed'
      ? { steps: sequence.steps.map(({ protocol, port }) => `${port}:${protocol}`).join(' ') }
      : { client: sequence.client, keyFile: sequence.keyFile };
  return { kind: 'sequence', address, ...what, delay: delayMs, family, ports: ports.map(formatPort) };
}

function record(host: Host): Record<string, unknown> {
  const { gate, address, knockPorts, ports, sshPort, duration, claimSource, pskFile } = host;
  return {
    gate: formatGateLine(gate),
    ...(address === undefined ? {} : { address }),
    ...(knockPorts === undefined ? {} : { knockPorts }),
    ...(ports.length === 0 ? {} : { ports: ports.map(formatPort) }),
    ...(sshPort === undefined ? {} : { sshPort }),
    ...(duration === 0 ? {} : { duration }),
    ...(claimSource ? {} : { claimSource }),
    ...(pskFile === undefined ? {} : { pskFile }),
  };
}
