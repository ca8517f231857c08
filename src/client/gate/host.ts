import { phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { type GateEnrolment, parseGateLine, parseHost, parseName } from '../../spa/enrolment.ts';
import { formatKey } from '../../spa/keys.ts';
import {
  distinct,
  type HostsKind,
  list,
  located,
  onlyKnown,
  optional,
  parseAsked,
  text,
  whole,
  yesOrNo,
} from '../hosts/host-fields.ts';
import { hostsInvalid } from '../problems.ts';

/** Host behind a gate, as in the hosts file of the command line or the setting `knockgate.hosts`. */
export interface Host {
  readonly kind: 'gate';
  /** Alias that ssh knows. */
  readonly name: string;
  readonly gate: GateEnrolment;
  /** The other gates behind the same address, when the host is a group. Each is knocked at with keys of its own. */
  readonly members: readonly GateEnrolment[];
  /** Address or host name to knock at, instead of the addresses of the gate's line. */
  readonly address: string | undefined;
  /** UDP ports to knock at, instead of those of the gate's line. */
  readonly knockPorts: readonly number[] | undefined;
  /** Ports to ask for; empty for all that the gate allows this client. */
  readonly ports: readonly RequestedPort[];
  /** Port of sshd, which shows whether the gate has opened when no port is asked for; undefined for 22. */
  readonly sshPort: number | undefined;
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /**
   * Whether a knock names the global address that it comes from. Not in a network that translates such addresses: the gate sees
   * another one.
   */
  readonly claimSource: boolean;
  /** Path of a file with a psk, on the command line only. */
  readonly pskFile: string | undefined;
  /** Name of the client key to knock with, in the editor only; undefined for the usual one. The command line has `--identity`. */
  readonly identity: string | undefined;
}

/** Host of which only the gate is known. */
export function hostOfGate(name: string, gate: GateEnrolment, address: string | undefined): Host {
  return {
    kind: 'gate',
    name,
    gate,
    members: [],
    address,
    knockPorts: undefined,
    ports: [],
    sshPort: undefined,
    duration: 0,
    claimSource: true,
    pskFile: undefined,
    identity: undefined,
  };
}

/** Addresses to knock at, as configured: the host's own, or else those of the gate's line. */
export function addressesOf({ gate, address }: Pick<Host, 'gate' | 'address'>): readonly string[] {
  return address === undefined ? gate.addresses : [address];
}

/** Lists every address and name by which a gate is known. */
export function foundAt({ gate, address }: Pick<Host, 'gate' | 'address'>): readonly string[] {
  return address === undefined ? gate.addresses : [...gate.addresses, address];
}

/** Gates of the largest group: a knock sends a datagram to each. */
const MOST_MEMBERS = 8;

const FIELDS = ['gate', 'members', 'address', 'knockPorts', 'ports', 'sshPort', 'duration', 'claimSource'];

/**
 * Reads the fields of one host, strictly.
 * @param place what the host is called in errors
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function parseGateHost(name: string, fields: unknown, place: string, from: HostsKind): Host {
  located(place, () => parseName(name, phrase('host')));
  if (!isRecord(fields))
    throw hostsInvalid(place, phrase('It is not a table.'), phrase('Write one table for each host.'));
  onlyKnown(fields, ['kind', ...FIELDS, from === 'file' ? 'pskFile' : 'identity'], place);
  const { gate, members, address, knockPorts, ports, sshPort, duration, claimSource, pskFile, identity } = fields;
  const at = (field: string) => `${place}.${field}`;
  const line = located(at('gate'), () =>
    parseGateLine(text(gate, at('gate'), phrase('the line that `knockgated key` prints'))),
  );
  return {
    kind: 'gate',
    name,
    gate: line,
    members: optional(members, (value) => parseMembers(value, line, at('members'))) ?? [],
    address: optional(address, (value) =>
      located(at('address'), () => parseHost(text(value, at('address'), phrase('an address or a host name')))),
    ),
    knockPorts: optional(knockPorts, (value) => parseKnockPorts(value, at('knockPorts'))),
    ports: optional(ports, (value) => parseAsked(value, at('ports'))) ?? [],
    sshPort: optional(sshPort, (value) => whole(value, 1, 65535, at('sshPort'), phrase('a TCP port'))),
    duration: optional(duration, (value) => whole(value, 0, 65535, at('duration'), phrase('seconds'))) ?? 0,
    claimSource: optional(claimSource, (value) => yesOrNo(value, at('claimSource'))) ?? true,
    pskFile: optional(pskFile, (value) => text(value, at('pskFile'), phrase('the path of a file'))),
    identity: optional(identity, (value) =>
      located(at('identity'), () =>
        parseName(text(value, at('identity'), phrase('the name of an identity')), phrase('identity')),
      ),
    ),
  };
}

function parseMembers(value: unknown, first: GateEnrolment, place: string): GateEnrolment[] {
  const lines = list(value, place, "the lines of the group's other gates").map((line) =>
    located(place, () => parseGateLine(text(line, place, phrase('the line that `knockgated key` prints')))),
  );
  const all = [first, ...lines];
  if (all.length > MOST_MEMBERS)
    throw hostsInvalid(
      place,
      phrase('A group has at most {0} gates.', MOST_MEMBERS),
      phrase('Leave out gates that are gone.'),
    );
  distinct(all, ({ key }) => formatKey(key), place);
  return lines;
}

function parseKnockPorts(value: unknown, place: string): number[] {
  const ports = list(value, place, '[443, 62201]').map((port) => whole(port, 1, 65535, place, phrase('UDP ports')));
  if (ports.length === 0)
    throw hostsInvalid(place, phrase('It is empty.'), phrase('Name a port, or leave the field out.'));
  return distinct(ports, String, place);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
