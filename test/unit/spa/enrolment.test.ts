import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../src/base/addresses.ts';
import { Problem } from '../../../src/base/problem.ts';
import {
  type ClientEnrolment,
  formatClientLine,
  formatGateLine,
  type GateEnrolment,
  parseClientLine,
  parseGateLine,
  parseHost,
  parseName,
} from '../../../src/spa/enrolment.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { bytesArbitrary, bytesOf } from './support.ts';

const KEY = formatKey(bytesOf('enrolled'));
const GATE_LINE = `knockgate1 gate ${KEY} 32 203.0.113.7,2001:db8::7 443,62201 prod`;
const CLIENT_LINE = `knockgate1 client ${KEY} alice-laptop`;

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/);
const host = fc.oneof(
  bytesArbitrary(16).map(formatAddress),
  fc.constantFrom('gate.example', 'localhost', 'a_b', '10.0.0.1'),
);
const gateArbitrary: fc.Arbitrary<GateEnrolment> = fc.record({
  key: bytesArbitrary(32),
  slots: fc.integer({ min: 8, max: 64 }),
  addresses: fc.array(host, { minLength: 1, maxLength: 4 }),
  knockPorts: fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 4 }),
  name,
});
const clientArbitrary: fc.Arbitrary<ClientEnrolment> = fc.record({ key: bytesArbitrary(32), name });

describe('enrolment lines', () => {
  it('read back', () => {
    fc.assert(
      fc.property(gateArbitrary, clientArbitrary, (gate, client) => {
        expect(parseGateLine(formatGateLine(gate))).toEqual(gate);
        expect(parseClientLine(formatClientLine(client))).toEqual(client);
      }),
    );
  });

  it('read as what the gate and the client print', () => {
    expect(parseGateLine(GATE_LINE)).toEqual({
      key: bytesOf('enrolled'),
      slots: 32,
      addresses: ['203.0.113.7', '2001:db8::7'],
      knockPorts: [443, 62201],
      name: 'prod',
    });
    expect(formatGateLine(parseGateLine(GATE_LINE))).toBe(GATE_LINE);
    expect(formatClientLine(parseClientLine(CLIENT_LINE))).toBe(CLIENT_LINE);
  });

  it.each([' ', '   ', '\t', '\n', '\r\n', '\u00a0', ' \t\r\n '])(
    'may have %j around and between the words',
    (space) => {
      for (const [line, parse] of [
        [GATE_LINE, parseGateLine],
        [CLIENT_LINE, parseClientLine],
      ] as const)
        expect(parse(space + line.replaceAll(' ', space) + space)).toEqual(parse(line));
    },
  );

  it.each([
    ['gate key', 2, ['', 'A', KEY.slice(1), `${KEY}=`, `${KEY.slice(1)}+`]],
    ['slots', 3, ['0', '7', '65', '08', '100', '-8', '8.0', '0x20', 'x']],
    [
      'address',
      4,
      [
        '-host',
        'a b'.replace(' ', '/'),
        ',',
        'a,',
        ',a',
        'a,,b',
        ':',
        '::g',
        '[::1]',
        'a:22',
        '1.2.3',
        '1.2.3.256',
        'ä.example',
      ],
    ],
    ['knock port', 5, ['0', '65536', '443,', ',443', '443,,1', '443;1', 'udp/443', '0443', '-1']],
    ['gate name', 6, ['-prod', '.prod', 'a/b', 'ä', 'a'.repeat(64), 'a"b', 'a\u001b[2J', '$(x)', 'a;b', '\u200b']],
  ])('of a gate with a wrong %s say so', (field, at, values) => {
    for (const value of values.filter((one) => one !== '')) {
      const words = GATE_LINE.split(' ');
      words[at] = value;
      expect(() => parseGateLine(words.join(' ')), value).toThrow(Problem);
      expect(() => parseGateLine(words.join(' ')), value).toThrow(new RegExp(`^${field}: `));
    }
  });

  it('of a client with a wrong key or name say so', () => {
    expect(() => parseClientLine(`knockgate1 client ${KEY}A alice`)).toThrow(/^client key: /);
    expect(() => parseClientLine(`knockgate1 client ${KEY} -alice`)).toThrow(/^client name: /);
  });

  it('with a word too many or too few are refused', () => {
    for (const [line, parse] of [
      [GATE_LINE, parseGateLine],
      [CLIENT_LINE, parseClientLine],
    ] as const) {
      const words = line.split(' ');
      expect(() => parse(`${line} more`)).toThrow(/^enrolment line: /);
      for (let length = 0; length < words.length; length++)
        expect(() => parse(words.slice(0, length).join(' '))).toThrow(/^enrolment line: /);
    }
  });

  it('of the other kind are refused with where the right one comes from', () => {
    expect(() => parseGateLine(CLIENT_LINE)).toThrow(/knockgated key/);
    expect(() => parseClientLine(GATE_LINE)).toThrow(/knockgate pubkey/);
  });

  it.each(['knockgate2 gate', 'Knockgate1 gate', 'knockgate gate', 'gate', '', '\ufeff?'])(
    'of version %j are refused',
    (version) => {
      expect(() => parseGateLine(GATE_LINE.replace('knockgate1 gate', version))).toThrow(/begins "knockgate1 gate"/);
    },
  );

  it('a private key pasted by mistake is not repeated in the error', () => {
    for (const parse of [parseGateLine, parseClientLine]) {
      try {
        parse(`${KEY}\n`);
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toContain(KEY.slice(0, 6));
      }
    }
  });

  it('nothing but a Problem is thrown', () => {
    const word = fc.oneof(
      fc.constantFrom(...GATE_LINE.split(' '), ...CLIENT_LINE.split(' ')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), (words) => {
        for (const parse of [parseGateLine, parseClientLine]) {
          try {
            parse(words.join(' '));
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        }
      }),
    );
  });
});

describe('names and hosts', () => {
  it.each(['a', '9', 'alice-laptop', 'alice@laptop.example', 'a'.repeat(63), 'A_b.c'])('%s is a name', (text) => {
    expect(parseName(text)).toBe(text);
  });

  it.each([
    'gate',
    'gate.example',
    'gate.example.',
    'a-b.c-d.example',
    '_srv.example',
    '1password.example',
    '3com',
    'xn--bro-hoa.example',
    '0xff.example',
    '10.0.0.1',
    '::1',
    '2001:db8::1',
    '::ffff:1.2.3.4',
    'a'.repeat(63),
    `${'a.'.repeat(126)}a`,
  ])('%s is a host', (text) => {
    expect(parseHost(text)).toBe(text);
  });

  it.each([
    '',
    '.',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a..',
    'a.-b',
    'a b',
    'a/b',
    'a,b',
    'a%b',
    'a\n',
    '$a',
    '1',
    '1.2',
    '1.2.3',
    '010.0.0.1',
    '0x7f.1',
    '0x7f000001',
    '1.2.3.4.',
    'example.1',
    'example.0x1',
    '256.0.0.1',
    ':',
    '1:2',
    '::1%eth0',
    'a'.repeat(64),
    `${'a.'.repeat(127)}a`,
    '-oProxyCommand=x',
  ])('%j is not', (text) => {
    expect(() => parseHost(text, 'host')).toThrow(Problem);
  });
});
