import { type GateEnrolment, parseGateLine, parseHost, parseName } from '../spa/enrolment.ts';
import type { RequestedPort } from '../spa/payload.ts';
import { type Phrase, phrase } from '../spa/phrase.ts';
import { parsePort } from '../spa/ports.ts';
import { Problem } from '../spa/problem.ts';
import { hostsInvalid } from './problems.ts';

/** A host behind a gate, as the hosts file of the command line or the setting `knockgate.hosts` has it. */
export interface Host {
  /** The alias that ssh knows. */
  readonly name: string;
  readonly gate: GateEnrolment;
  /** Where to knock rather than at the addresses of the gate's line: an address or a host name. */
  readonly address: string | undefined;
  /** UDP ports to knock at rather than those of the gate's line. */
  readonly knockPorts: readonly number[] | undefined;
  /** What to ask for; empty for whatever the gate allows this client. */
  readonly ports: readonly RequestedPort[];
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /** Path of a file with a psk: on the command line only. */
  readonly pskFile: string | undefined;
  /** Name of the client key to knock with; undefined for the usual one. In the editor only: the command line has `--identity`. */
  readonly identity: string | undefined;
}

/** Which record is read: `pskFile` is for the command line, since a setting may be synced; `identity` is for the editor. */
export type HostsKind = 'file' | 'setting';

const FIELDS = ['gate', 'address', 'knockPorts', 'ports', 'duration'];

/**
 * Reads a record of hosts, strictly: name to fields, as in contracts.md, "Client".
 * @param where what the record is called in errors: a path, or the name of the setting
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function parseHosts(record: unknown, where: string, kind: HostsKind): ReadonlyMap<string, Host> {
  if (!isRecord(record))
    throw hostsInvalid(where, phrase('It is not a table of hosts.'), phrase('Write one table for each host.'));
  const hosts = new Map<string, Host>();
  for (const [name, fields] of Object.entries(record)) {
    const place = `${where}: ${name}`;
    located(place, () => parseName(name, phrase('host')));
    if (!isRecord(fields))
      throw hostsInvalid(place, phrase('It is not a table.'), phrase('Write one table for each host.'));
    hosts.set(name, parseFields(name, fields, place, kind));
  }
  return hosts;
}

function parseFields(name: string, fields: Record<string, unknown>, place: string, kind: HostsKind): Host {
  const known = [...FIELDS, kind === 'file' ? 'pskFile' : 'identity'];
  for (const field of Object.keys(fields))
    if (!known.includes(field))
      throw hostsInvalid(`${place}.${field}`, phrase('There is no such field.'), expect(known));
  const { gate, address, knockPorts, ports, duration, pskFile, identity } = fields;
  const at = (field: string) => `${place}.${field}`;
  return {
    name,
    gate: located(at('gate'), () =>
      parseGateLine(text(gate, at('gate'), phrase('the line that `knockgated key` prints'))),
    ),
    address: optional(address, (value) =>
      located(at('address'), () => parseHost(text(value, at('address'), phrase('an address or a host name')))),
    ),
    knockPorts: optional(knockPorts, (value) => parseKnockPorts(value, at('knockPorts'))),
    ports: optional(ports, (value) => parsePorts(value, at('ports'))) ?? [],
    duration: optional(duration, (value) => whole(value, 0, 65535, at('duration'), phrase('seconds'))) ?? 0,
    pskFile: optional(pskFile, (value) => text(value, at('pskFile'), phrase('the path of a file'))),
    identity: optional(identity, (value) =>
      located(at('identity'), () =>
        parseName(text(value, at('identity'), phrase('the name of an identity')), phrase('identity')),
      ),
    ),
  };
}

function parseKnockPorts(value: unknown, place: string): number[] {
  const ports = list(value, place, '[443, 62201]').map((port) => whole(port, 1, 65535, place, phrase('UDP ports')));
  if (ports.length === 0)
    throw hostsInvalid(place, phrase('It is empty.'), phrase('Name a port, or leave the field out.'));
  return distinct(ports, String, place);
}

function parsePorts(value: unknown, place: string): RequestedPort[] {
  const example = '["tcp/22"]';
  const ports = list(value, place, example).map((port) => {
    const written = text(port, place, phrase('ports such as {0}', example));
    return located(place, () => parsePort(written));
  });
  // The payload counts ports in one byte.
  if (ports.length > 255) throw hostsInvalid(place, phrase('It has more than 255 ports.'), phrase('Ask for fewer.'));
  return distinct(ports, ({ protocol, port }) => `${protocol}/${port}`, place);
}

function distinct<T>(values: T[], nameOf: (value: T) => string, place: string): T[] {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(nameOf(value)))
      throw hostsInvalid(place, phrase('{0} is there twice.', nameOf(value)), phrase('Leave one out.'));
    seen.add(nameOf(value));
  }
  return values;
}

function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

function text(value: unknown, place: string, expected: Phrase): string {
  if (typeof value === 'string' && value !== '') return value;
  throw hostsInvalid(
    place,
    value === undefined ? phrase('It is missing.') : phrase('It is not a text.'),
    phrase('Expected {0}.', expected),
  );
}

function list(value: unknown, place: string, example: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw hostsInvalid(place, phrase('It is not a list.'), phrase('Expected a list such as {0}.', example));
}

function whole(value: unknown, least: number, most: number, place: string, unit: Phrase): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw hostsInvalid(
    place,
    phrase('It is not such a number.'),
    phrase('Expected {0} from {1} to {2}.', unit, least, most),
  );
}

function expect(fields: readonly string[]): Phrase {
  return phrase('Expected {0}.', fields.join(', '));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Gives an error of the shared formats its place: it is a person's file that is wrong, not an argument. */
function located<T>(place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Problem) || error.text.code !== 'bad-text') throw error;
    const { what, next = '' } = error.parts;
    throw hostsInvalid(place, what, next);
  }
}
