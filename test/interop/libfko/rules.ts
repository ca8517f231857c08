import { fromBase64 } from '../../../src/fwknop/base64.ts';
import type { MessageRefusal } from '../../../src/fwknop/message.ts';
import type { PacketRefusal } from '../../../src/fwknop/packet-text.ts';
import type { Case } from './cases.ts';

/** Reasons why we refuse texts that libfko accepts. No rule affects fwknop's own clients. */
interface Stricter {
  readonly rule: string;
  readonly reasons: readonly (PacketRefusal | MessageRefusal)[];
  readonly holds: (fields: readonly string[], packet: string) => boolean;
}

const PREFIX = /^U2FsdGVkX1/;
const DECIMAL = /^(0|[1-9][0-9]*)$/;

const STRICTER: readonly Stricter[] = [
  {
    rule: 'a packet has 140 characters at least (fwknopd asks for as many, libfko does not)',
    reasons: ['length'],
    holds: (_, packet) => packet.length < 140,
  },
  {
    rule: 'a packet comes without the constant prefix (fwknopd refuses it, libfko does not)',
    reasons: ['hmac', 'ciphertext', 'length', 'not-base64'],
    holds: (_, packet) => PREFIX.test(packet),
  },
  {
    rule: 'a packet is canonical base64: no "=", nothing behind it, unused bits zero',
    reasons: ['not-base64'],
    holds: (_, packet) => fromBase64(`U2FsdGVkX1${packet}`) === undefined || packet.includes('='),
  },
  {
    rule: 'user, message, NAT and server auth are canonical base64 of printable ASCII, not empty',
    reasons: ['user', 'message', 'nat', 'server-auth'],
    holds: (fields) => [1, 5, 6, 7].some((i) => fields[i] !== undefined && !isPlain(fields[i])),
  },
  {
    rule: 'a timestamp is decimal digits without a sign, blanks or leading zeros',
    reasons: ['timestamp'],
    holds: (fields) => !DECIMAL.test(fields[2] ?? ''),
  },
  {
    rule: 'a type is one digit from 0 to 6',
    reasons: ['type'],
    holds: (fields) => !/^[0-6]$/.test(fields[4] ?? ''),
  },
  {
    rule: 'an address has no leading zeros, which libfko reads as octal digits',
    reasons: ['address'],
    holds: (fields) => /^([0-9]+\.)*0[0-9]/.test(textOf(fields[5])),
  },
  {
    rule: 'a port has no leading zeros',
    reasons: ['port', 'nat'],
    holds: (fields) => /\/0[0-9]/.test(textOf(fields[5])) || /,0[0-9]/.test(textOf(fields[6])),
  },
  {
    rule: 'a NAT target is a host name or address',
    reasons: ['nat'],
    holds: (fields) => !/^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?,/.test(textOf(fields[6])),
  },
  {
    rule: 'a timeout is 1 at least, without leading zeros',
    reasons: ['timeout'],
    holds: (fields) => /^0/.test(fields.at(-1) ?? ''),
  },
];

/** libfko's error codes for texts that only we accept. */
const TIMESTAMP_DECODEFAIL = 19;
const TYPE_UNKNOWN = 65;

const YEAR_2038 = 'wider: timestamps of the year 2038 and later';
const LONG = 'wider: packets of Rijndael of 400 characters and more, which libfko takes for messages of GnuPG';

/** Every rule by which the two may differ, for the report. */
export const RULES: readonly string[] = [...STRICTER.map(({ rule }) => `stricter: ${rule}`), YEAR_2038, LONG];

/** The rule that explains why we refuse what libfko takes; undefined when there is none. */
export function ruleOfRefusal({ plaintext, packet }: Case, reason: PacketRefusal | MessageRefusal): string | undefined {
  const fields = plaintext.split(':').slice(0, -1);
  const found = STRICTER.find(({ reasons, holds }) => reasons.includes(reason) && holds(fields, packet));
  return found && `stricter: ${found.rule}`;
}

/** The rule that explains why we take what libfko refuses; undefined when there is none. */
export function ruleOfTaking({ plaintext, packet }: Case, error: number): string | undefined {
  if (error === TIMESTAMP_DECODEFAIL && isAfter2038(plaintext)) return YEAR_2038;
  if (error === TYPE_UNKNOWN && packet.length + 10 >= 400) return LONG;
  return undefined;
}

/** libfko keeps 32 bits of a timestamp. */
export function isAfter2038(plaintext: string): boolean {
  return Number(plaintext.split(':')[2]) >= 2 ** 31;
}

function isPlain(text: string): boolean {
  const bytes = fromBase64(text);
  return bytes !== undefined && bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);
}

/** libfko's reading of base64: up to the first `=`, unused bits ignored. */
function textOf(field = ''): string {
  return Buffer.from(field.split('=')[0] ?? '', 'base64').toString('latin1');
}
