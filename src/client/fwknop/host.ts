import { DIGEST_NAMES, type Digest, MODES, type Mode } from '../../fwknop/algorithms.ts';
import { type Address, isIPv4, parseAddress } from '../../spa/addresses.ts';
import { parseHost, parseName } from '../../spa/enrolment.ts';
import type { RequestedPort } from '../../spa/payload.ts';
import { parsePort } from '../../spa/ports.ts';
import { Problem } from '../../spa/problem.ts';
import { hostsInvalid } from '../problems.ts';

/** How a packet gets to fwknopd. The others that fwknop has need root, or a web server in between. */
export type Carrier = 'udp' | 'tcp';

/** Whom a knock asks to let in: whoever the packet comes from, this computer's address on the way, or an address. */
export type Source = 'seen' | 'own' | Address;

/** A host behind fwknopd, as a table of the hosts file with `kind = "fwknop"` has it. */
export interface FwknopHost {
  readonly name: string;
  /** Where to knock: an address of IPv4, which is all that fwknop knows, or a host name. */
  readonly address: string;
  /** Path of the file with the keys. */
  readonly keyFile: string;
  /** What to ask for; one at least. */
  readonly ports: readonly RequestedPort[];
  readonly carrier: Carrier;
  readonly knockPort: number;
  readonly mode: Mode;
  /** Of the message. */
  readonly digest: Digest;
  /** undefined: without HMAC. */
  readonly hmac: Digest | undefined;
  readonly source: Source;
  /** Seconds; 0 for the server's default. */
  readonly duration: number;
  /** What the client calls itself; undefined for the name of whoever runs it. */
  readonly user: string | undefined;
}

const FIELDS = [
  'address',
  'keyFile',
  'ports',
  'carrier',
  'knockPort',
  'mode',
  'digest',
  'hmac',
  'source',
  'duration',
  'user',
];
const USUAL_KNOCK_PORT = 62_201;

/**
 * Reads one table, strictly. `kind` was looked at before.
 * @param place what the table is called in errors
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function parseFwknopHost(name: string, table: Readonly<Record<string, unknown>>, place: string): FwknopHost {
  const { kind: _, ...fields } = table;
  for (const field of Object.keys(fields)) {
    if (!FIELDS.includes(field))
      throw hostsInvalid(`${place}.${field}`, 'There is no such field.', `Expected kind, ${FIELDS.join(', ')}.`);
  }
  const text = (field: string): string | undefined => {
    const value = fields[field];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw hostsInvalid(`${place}.${field}`, 'It is not a text.', 'Write it in quotation marks.');
  };
  const must = (field: string): string => {
    const value = text(field);
    if (value === undefined) throw hostsInvalid(`${place}.${field}`, 'It is missing.', 'Every such host needs one.');
    return value;
  };
  const choice = <T extends string>(field: string, choices: readonly T[], usual: T): T => {
    const value = text(field) ?? usual;
    const chosen = choices.find((each) => each === value);
    if (chosen === undefined)
      throw hostsInvalid(`${place}.${field}`, 'There is no such thing.', `Expected ${choices.join(', ')}.`);
    return chosen;
  };
  located(place, () => parseName(name, 'host'));
  const hmac = choice('hmac', [...DIGEST_NAMES, 'none'], 'sha256');
  return {
    name,
    address: located(`${place}.address`, () => parseHost(must('address'))),
    keyFile: must('keyFile'),
    ports: parsePorts(fields.ports ?? ['tcp/22'], `${place}.ports`),
    carrier: choice('carrier', ['udp', 'tcp'], 'udp'),
    knockPort: wholeOf(fields.knockPort ?? USUAL_KNOCK_PORT, `${place}.knockPort`, 1, 65_535),
    mode: choice('mode', MODES, 'cbc'),
    digest: choice('digest', DIGEST_NAMES, 'sha256'),
    hmac: hmac === 'none' ? undefined : hmac,
    source: parseSource(text('source') ?? 'own', `${place}.source`),
    duration: wholeOf(fields.duration ?? 0, `${place}.duration`, 0, 65_535),
    user: text('user'),
  };
}

function parseSource(value: string, place: string): Source {
  if (value === 'seen' || value === 'own') return value;
  const address = parseAddress(value);
  if (address === undefined || !isIPv4(address))
    throw hostsInvalid(
      place,
      'It is no address of IPv4.',
      'Expected "own", "seen" or an address such as "203.0.113.7".',
    );
  return address;
}

function parsePorts(value: unknown, place: string): RequestedPort[] {
  const ports = Array.isArray(value) ? value.map((port) => located(place, () => parsePort(String(port)))) : [];
  if (ports.length === 0) throw hostsInvalid(place, 'It names no port.', 'Expected a list such as ["tcp/22"].');
  return ports;
}

function wholeOf(value: unknown, place: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw hostsInvalid(place, 'It is not such a number.', `Expected ${least} to ${most}.`);
}

/** Gives an error of the shared formats its place. */
function located<T>(place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Problem) || error.text.code !== 'bad-text') throw error;
    throw hostsInvalid(place, error.text.what, error.text.next ?? '');
  }
}
