import { phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { formatGateLine } from '../../spa/enrolment.ts';
import type { ServerKind } from '../hosts/server-kind.ts';
import { prepareGroup } from './group.ts';
import { addressesOf, foundAt, type Host, parseGateHost } from './host.ts';

/** A server with a gate of knockgate. */
export const gateKind: ServerKind<Host> = {
  kind: 'gate',
  parse: parseGateHost,
  addressesOf,
  foundAt,
  // A gate knows a public key. A pre-shared key comes in addition, and in other ways.
  sharesKeys: () => false,
  how: (host) =>
    phrase('gate {0}, UDP {1}', [host.gate, ...host.members].map(({ name }) => name).join(' + '), knockPortsOf(host)),
  describe: (host) => {
    const ports = host.ports.length === 0 ? 'whatever the gate allows' : host.ports.map(formatPort).join(', ');
    const seconds = host.duration === 0 ? '' : ` (${host.duration} s)`;
    const members = host.members.length === 0 ? '' : ` with the keys of ${1 + host.members.length} gates`;
    return `knocks at ${addressesOf(host).join(', ')}${members} (UDP ${knockPortsOf(host)}) for ${ports}${seconds}`;
  },
  fieldsOf: ({ gate, members, address, knockPorts, ports, sshPort, duration, claimSource, pskFile }) => ({
    gate: formatGateLine(gate),
    ...(members.length === 0 ? {} : { members: members.map(formatGateLine) }),
    ...(address === undefined ? {} : { address }),
    ...(knockPorts === undefined ? {} : { knockPorts }),
    ...(ports.length === 0 ? {} : { ports: ports.map(formatPort) }),
    ...(sshPort === undefined ? {} : { sshPort }),
    ...(duration === 0 ? {} : { duration }),
    ...(claimSource ? {} : { claimSource }),
    ...(pskFile === undefined ? {} : { pskFile }),
  }),
  prepare: prepareGroup,
  diagnosis: () => undefined,
};

function knockPortsOf({ knockPorts, gate }: Host): string {
  return (knockPorts ?? gate.knockPorts).join(', ');
}
