import { addressOfBytes } from '../../../src/base/addresses.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { DIGEST_NAMES, type Digest, MODES } from '../../../src/fwknop/algorithms.ts';
import { toBase64 } from '../../../src/fwknop/base64.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import type { FwknopAsk, FwknopMessage } from '../../../src/fwknop/message.ts';
import { type PacketKeys, sealWithSalt } from '../../../src/fwknop/packet.ts';
import { encodePlaintext } from '../../../src/fwknop/plaintext.ts';
import type { Question } from './oracle.ts';

/** A packet for both readers, and what it was made of. */
export interface Case extends Question {
  /** Plaintext that was sealed; the packet may have been changed since. */
  readonly plaintext: string;
}

/** Numbers that look random, the same in every run (mulberry32). */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  one<T>(...choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  text(alphabet: string, least: number, most: number): string {
    const length = least + this.below(most - least + 1);
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join('');
  }

  bytes(least: number, most: number): Uint8Array {
    return Uint8Array.from({ length: least + this.below(most - least + 1) }, () => this.below(256));
  }
}

const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const BASE64 = `${LETTERS}+/`;
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join('');

/** A message that our encoder takes, sealed in any way that fwknop knows. */
export function goodCase(chance: Chance): Case {
  const digest = chance.one(...DIGEST_NAMES);
  const plaintext = encodePlaintext(crypto, messageOf(chance), digest);
  return sealed(chance, keysOf(chance), Buffer.from(plaintext).toString());
}

/** A plaintext with damaged fields and a correct digest, so that a reader looks at the fields. */
export function meddledCase(chance: Chance): Case {
  const good = Buffer.from(encodePlaintext(crypto, messageOf(chance), 'sha256')).toString();
  const fields = good.split(':').slice(0, -1);
  for (let changes = 1 + chance.below(2); changes > 0; changes--) meddle(chance, fields);
  const text = fields.join(':');
  const digest: Digest = chance.one(...DIGEST_NAMES);
  const tail = chance.below(30) === 0 ? chance.text(BASE64, 20, 90) : toBase64(crypto.hash(digest, latin1(text)));
  return sealed(chance, keysOf(chance), `${text}:${tail}`);
}

/** A good packet that was changed on its way. */
export function changedCase(chance: Chance): Case {
  const good = goodCase(chance);
  const { packet } = good;
  const at = chance.below(packet.length);
  const change = chance.below(7);
  const changed = [
    () => packet.slice(0, at) + chance.text(`${BASE64}=-_`, 1, 1) + packet.slice(at + 1),
    () => packet + chance.one('=', '==', '=AAAA', 'A', 'AAAA', '===='),
    () => packet.slice(0, at),
    () => packet.slice(at),
    () => packet.slice(0, -1) + chance.text(BASE64, 1, 1),
    () => packet.slice(0, at) + chance.text(BASE64, 1, 4) + packet.slice(at),
    () => `U2FsdGVkX1${packet}`,
  ][change]?.();
  return { ...good, packet: changed === undefined || changed === '' ? packet : changed };
}

function sealed(chance: Chance, keys: PacketKeys, plaintext: string): Case {
  return { keys, plaintext, packet: sealWithSalt(crypto, keys, latin1(plaintext), chance.bytes(8, 8)) };
}

function keysOf(chance: Chance): PacketKeys {
  const hmac = chance.below(3) === 0 ? undefined : { digest: chance.one(...DIGEST_NAMES), key: chance.bytes(1, 128) };
  // libfko takes keys as texts with a length: zero bytes are its callers' trouble, not ours.
  return { key: chance.bytes(1, 32).map((byte) => byte || 1), mode: chance.one(...MODES), hmac };
}

function messageOf(chance: Chance): FwknopMessage {
  const ask = askOf(chance);
  return {
    random: chance.text(DIGITS, 16, 16),
    user: chance.text(`${LETTERS}_-. `, 1, 12),
    timestamp: chance.one(chance.below(2 ** 31), 1_700_000_000, 2 ** 31 - 1, chance.below(5) === 0 ? 2 ** 31 : 5),
    version: chance.one('3.0.0', '2.0.2', '3'),
    source: chance.below(4) === 0 ? undefined : addressOfBytes(chance.bytes(4, 4).map((byte) => byte || 1)),
    ask,
    serverAuth: chance.below(10) === 0 ? chance.text(LETTERS, 1, 20) : undefined,
    timeout: ask.kind === 'command' || chance.below(2) === 0 ? 0 : 1 + chance.below(65_536),
  };
}

function askOf(chance: Chance): FwknopAsk {
  const port = () => ({ protocol: chance.one('tcp' as const, 'udp' as const), port: 1 + chance.below(65_535) });
  const byName = new Map(Array.from({ length: 1 + chance.below(3) }, port).map((each) => [JSON.stringify(each), each]));
  const ports = [...byName.values()];
  const kind = chance.one('access' as const, 'nat' as const, 'command' as const);
  if (kind === 'access') return { kind, ports };
  if (kind === 'command') return { kind, command: chance.text(PRINTABLE, 1, 40) };
  const target = { host: chance.one('10.0.0.5', 'inner.example', 'a'), port: 1 + chance.below(65_535) };
  return { kind, local: chance.below(2) === 0, ports, target };
}

const TEXTS = [
  ...['alice', 'a b', 'a/b', 'ä', 'a:b', '"', 'x'.repeat(48), 'x'.repeat(49), 'a\0b', 'tab\there', '~'],
  ...['192.0.2.10,tcp/22', '192.0.2.010,tcp/22', '0.0.0.0,udp/53', '192.0.2.10,TCP/22', '192.0.2.10,tcp/022'],
  ...['1.2.3,tcp/22', '1.2.3.4.5,tcp/22', '256.1.1.1,tcp/22', '1.2.3.4,tcp/0', '1.2.3.4,tcp/65536', '1.2.3.4,'],
  ...['1.2.3.4', '1.2.3.4,icmp/1', '1.2.3.4,none/0', '1.2.3.4,tcp/22,', '1.2.3.4,tcp/22 ', '1.2.3.4,tcp/22,tcp/22'],
  ...[
    '1.2.3.4,tcp/22,udp/x',
    '1.2.3.4,tcp22',
    '::1,tcp/22',
    '1.2.3.4,id; id',
    '1.2.3.4,a,b',
    '1.2.3.4,x\ny',
    ',tcp/22',
  ],
  ...['0x1.2.3.4,tcp/22', '001.2.3.4,tcp/22', '1.2.3.4,udp/00053', '1.2.3.4,udp/000053', '1.2.3.4,sctp/9'],
  ...['10.0.0.5,22', 'inner.example,22', '10.0.0.5', '10.0.0.5,22,23', 'a b,22', "a'b,22", '$(id),22', ',22', 'h,0'],
  ...['h,022', 'h,65536', 'h,x', '-h,22', 'h.,22', `${'h'.repeat(70)},22`, `${'h'.repeat(71)},22`, 'a:b,22', 'ö,22'],
];

/** Changes one field, or their number. */
function meddle(chance: Chance, fields: string[]): void {
  const at = chance.below(fields.length);
  const field = fields[at] ?? '';
  const how = chance.below(9);
  if (how === 0) fields.splice(at, 1);
  else if (how === 1) fields.splice(at, 0, chance.one('', '60', toBase64(utf8('x')), field));
  else if (how === 2) fields[at] = field + chance.one('=', 'A', '0', ' ', '==', '!');
  else if (how === 3) fields[at] = field.slice(0, -1);
  else if (how === 4) fields[at] = field.slice(0, -1) + chance.text(`${BASE64}-_=.`, 1, 1);
  else if (how === 5)
    fields[4] = chance.one('0', '1', '2', '3', '4', '5', '6', '7', 'x', '01', '', '1 ', '-1', '+1', '6x');
  else if (how === 6)
    fields[2] = chance.one(
      '0',
      'x',
      '',
      '-5',
      '+7',
      '007',
      '2147483647',
      '2147483648',
      '4294967296',
      '999999999999',
      '1e9',
      ' 9',
    );
  else if (how === 7) fields.push(chance.one('0', '1', '65535', '65536', '65537', '060', '-1', '', 'x', '60 '));
  else fields[chance.one(1, 5, 5, 6)] = toBase64(latin1(chance.one(...TEXTS)));
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}
