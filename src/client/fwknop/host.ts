import { type Address, isIPv4, parseAddress } from '../../base/addresses.ts';
import { fieldsOf } from '../../base/loose-json.ts';
import { phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import type { Problem } from '../../base/problem.ts';
import { DIGEST_NAMES, type Digest, MODES, type Mode } from '../../fwknop/algorithms.ts';
import { parseHost, parseName } from '../../spa/enrolment.ts';
import { type HostsKind, located, onlyKnown, optional, parseOpened, text, whole } from '../hosts/host-fields.ts';
import { hostsInvalid } from '../problems.ts';
import { GPG_FIELDS, type GpgFiles, parseGpgFiles } from './gpg-files.ts';

/** Name of GnuPG's mode, among those of Rijndael. */
export const GPG_MODE = 'gpg';

/** How a packet gets to fwknopd; `http`: as the path of a request. */
export type Carrier = 'udp' | 'tcp' | 'http';

/** Other carriers of fwknop: packets that are put together by hand, which systems let only root send. */
export type RawCarrier = 'icmp' | 'tcpraw' | 'udpraw';

/** Address to let in: the one that the packet comes from, this computer's on the way, or a given one. */
export type Source = 'seen' | 'own' | Address;

/** A host behind fwknopd. */
export interface FwknopHost {
  readonly kind: 'fwknop';
  readonly name: string;
  /** Address to knock at: an IPv4 address, which is all that fwknop knows, or a host name. */
  readonly address: string;
  /** Ports to ask for; none when there is a command. */
  readonly ports: readonly RequestedPort[];
  readonly carrier: Carrier | RawCarrier;
  readonly knockPort: number;
  /** Mode of its packets. `gpg`: OpenPGP keys seal them, instead of a shared key. */
  readonly mode: Mode | typeof GPG_MODE;
  /** Digest of the message. */
  readonly digest: Digest;
  /** Digest of the HMAC; undefined for packets without one. */
  readonly hmac: Digest | undefined;
  readonly source: Source;
  /** Seconds; 0 for the server's default. */
  readonly duration: number;
  /** Target of the ports, behind the server; undefined when they are its own. */
  readonly forward: Forward | undefined;
  /** Command that the server runs instead of opening a port. */
  readonly command: string | undefined;
  /** Name that the packet gives; undefined for the name of the user who runs the client. */
  readonly user: string | undefined;
  /** Path of the file with the keys, on the command line only; undefined in GnuPG's mode without HMAC. */
  readonly keyFile: string | undefined;
  /** Files of GnuPG's mode, on the command line only; undefined in the other modes. */
  readonly gpg: GpgFiles | undefined;
}

/** Target of a port of the server. */
export interface Forward {
  /** Name or IPv4 address, which the server looks up; undefined for the server itself. */
  readonly host: string | undefined;
  readonly port: number;
}

const FIELDS = [
  'address',
  'ports',
  'carrier',
  'knockPort',
  'mode',
  'digest',
  'hmac',
  'source',
  'duration',
  'forward',
  'command',
  'user',
];
const CARRIERS: readonly Carrier[] = ['udp', 'tcp', 'http'];
const RAW_CARRIERS: readonly RawCarrier[] = ['icmp', 'tcpraw', 'udpraw'];
const USUAL_KNOCK_PORT = 62_201;
const USUAL_HTTP_PORT = 80;
/** Fields about what to open. */
const OF_PORTS = ['ports', 'forward', 'duration'];
/** Longest command: its base64, with the address before it, has to fit into 256 characters. */
const LONGEST_COMMAND = 176;
const LONGEST_FORWARD = 70;
/** User names: ASCII without blanks, and without the characters that libfko refuses. */
const USER = /^[!#-)\-.0-9@-Z^-{}~]{1,48}$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the fields of one host with `kind = "fwknop"`, strictly. A hosts file says where the keys are; the editor keeps them itself.
 * @param place what the host is called in errors
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function parseFwknopHost(name: string, value: unknown, place: string, from: HostsKind): FwknopHost {
  const fields = fieldsOf(value);
  if (from === 'setting') {
    if (isRaw(fields.carrier)) throw needsRoot(fields.carrier, `${place}.carrier`);
    const written = { more: [], carriers: CARRIERS, modes: [...MODES, GPG_MODE] as const };
    return { ...parseFields(name, fields, place, written), keyFile: undefined, gpg: undefined };
  }
  const gpg = parseGpgFiles(fields, place);
  const { mode, ...host } = parseFields(name, fields, place, {
    more: ['keyFile', ...GPG_FIELDS],
    carriers: [...CARRIERS, ...RAW_CARRIERS],
    modes: MODES,
  });
  const needsKeys = gpg === undefined || host.hmac !== undefined || fields.keyFile !== undefined;
  const keyFile = needsKeys ? text(fields.keyFile, `${place}.keyFile`, phrase('the path of a file')) : undefined;
  return { ...host, mode: gpg === undefined ? mode : GPG_MODE, gpg, keyFile };
}

/** Whether a carrier needs root. */
export function isRaw(carrier: unknown): carrier is RawCarrier {
  return RAW_CARRIERS.some((raw) => raw === carrier);
}

/** Differences between the file and the setting: extra fields, and the values of some. */
interface Written {
  readonly more: readonly string[];
  readonly carriers: readonly FwknopHost['carrier'][];
  readonly modes: readonly FwknopHost['mode'][];
}

function parseFields(
  name: string,
  fields: Fields,
  place: string,
  { more, carriers, modes }: Written,
): Omit<FwknopHost, 'keyFile' | 'gpg'> {
  onlyKnown(fields, ['kind', ...more, ...FIELDS], place);
  const at = (field: string) => `${place}.${field}`;
  const maybe = (field: string): string | undefined =>
    optional(fields[field], (value) => text(value, at(field), phrase('a text in quotation marks')));
  const choice = <T extends string>(field: string, choices: readonly T[], usual: string): T => {
    const value = maybe(field) ?? usual;
    const chosen = choices.find((each) => each === value);
    if (chosen === undefined)
      throw hostsInvalid(at(field), phrase('This value is unknown.'), phrase('Expected {0}.', choices.join(', ')));
    return chosen;
  };
  located(place, () => parseName(name, phrase('host')));
  const carrier = choice('carrier', carriers, 'udp');
  const [forward, command] = [maybe('forward'), maybe('command')];
  if (command !== undefined) checkCommand(command, fields, place);
  const hmac = choice('hmac', [...DIGEST_NAMES, 'none'], 'sha256');
  return {
    kind: 'fwknop',
    name,
    address: located(at('address'), () =>
      parseHost(text(fields.address, at('address'), phrase('an address or a host name'))),
    ),
    ports: command === undefined ? parseOpened(fields.ports ?? ['tcp/22'], at('ports')) : [],
    carrier,
    knockPort: whole(
      fields.knockPort ?? (carrier === 'http' ? USUAL_HTTP_PORT : USUAL_KNOCK_PORT),
      1,
      65_535,
      at('knockPort'),
      phrase('a port'),
    ),
    mode: choice('mode', modes, 'cbc'),
    digest: choice('digest', DIGEST_NAMES, 'sha256'),
    hmac: hmac === 'none' ? undefined : hmac,
    source: parseSource(maybe('source') ?? 'own', at('source')),
    duration: whole(fields.duration ?? 0, 0, 65_535, at('duration'), phrase('seconds')),
    forward: forward === undefined ? undefined : parseForward(forward, at('forward')),
    command,
    user: parseUser(maybe('user'), at('user')),
  };
}

/** Refuses carriers that need root: the editor never is. */
function needsRoot(carrier: string, place: string): Problem {
  return hostsInvalid(
    place,
    phrase('{0} needs a raw socket, which systems open for root alone, and the editor does not run as root.', carrier),
    phrase('Expected {0}; or knock from the command line, with `sudo knockgate knock`.', CARRIERS.join(', ')),
  );
}

/** Reads `10.0.0.5:22`, `inner.example:22`, or `local:22` for another port of the server itself. */
function parseForward(text: string, place: string): Forward {
  const [, host = '', digits = ''] = /^([A-Za-z0-9._-]+):([1-9][0-9]{0,4})$/.exec(text) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535 || host.length > LONGEST_FORWARD)
    throw hostsInvalid(
      place,
      phrase('It is not a host and port.'),
      phrase('Expected one such as "10.0.0.5:22", or "local:22" for the server itself.'),
    );
  return host === 'local' ? { host: undefined, port } : { host: located(place, () => parseHost(host)), port };
}

function parseUser(user: string | undefined, place: string): string | undefined {
  if (user === undefined || USER.test(user)) return user;
  throw hostsInvalid(
    place,
    phrase('fwknop does not take this name.'),
    phrase('Expected at most 48 characters of ASCII, without blanks and {0}.', '" / \\ [ ] : ; | = , + * ? < >'),
  );
}

function checkCommand(command: string, fields: Fields, place: string): void {
  if (!/^[ -~]+$/.test(command) || command.length > LONGEST_COMMAND)
    throw hostsInvalid(
      `${place}.command`,
      phrase('fwknop does not accept this text.'),
      phrase('Expected at most {0} characters of ASCII, in one line.', LONGEST_COMMAND),
    );
  const other = OF_PORTS.find((field) => fields[field] !== undefined);
  if (other !== undefined)
    throw hostsInvalid(
      `${place}.${other}`,
      phrase('It does not go with `command`: a packet asks for one of the two.'),
      phrase('Leave one out.'),
    );
}

function parseSource(value: string, place: string): Source {
  if (value === 'seen' || value === 'own') return value;
  const address = parseAddress(value);
  if (address === undefined || !isIPv4(address))
    throw hostsInvalid(
      place,
      phrase('It is not an IPv4 address.'),
      phrase('Expected "own", "seen" or an address such as "203.0.113.7".'),
    );
  return address;
}
