import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { DIGEST_NAMES, type Digest } from '../../../src/fwknop/algorithms.ts';
import { toBase64 } from '../../../src/fwknop/base64.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import type { FwknopMessage, MessageRefusal } from '../../../src/fwknop/message.ts';
import { decodePlaintext, encodePlaintext } from '../../../src/fwknop/plaintext.ts';
import { digestArbitrary, MESSAGE, messageArbitrary, PROVIDERS } from './support.ts';

const b64 = (text: string) => toBase64(utf8(text));

/** A plaintext of these fields, with a digest that fits them. */
function withDigest(fields: string, digest: Digest = 'sha256'): Uint8Array {
  return utf8(`${fields}:${toBase64(crypto.hash(digest, utf8(fields)))}`);
}

/** The fields of a good message, some of them replaced. */
function fields(changes: Partial<Record<number, string>> = {}, ...more: string[]): string {
  const good = ['1234567890123456', b64('alice'), '1700000000', '3.0.0', '1', b64('192.0.2.10,tcp/22')];
  return [...good.map((field, i) => changes[i] ?? field), ...more].join(':');
}

function outcome(text: string): MessageRefusal | 'ok' {
  const read = decodePlaintext(crypto, withDigest(text));
  return read.ok ? 'ok' : read.reason;
}

describe('a message', () => {
  it.each(PROVIDERS)('is read as it was written, $name', ({ crypto: provider }) => {
    fc.assert(
      fc.property(messageArbitrary, digestArbitrary, (message, digest) => {
        const read = decodePlaintext(provider, encodePlaintext(crypto, message, digest));
        expect(read).toMatchObject({ ok: true, message, digest });
      }),
      { numRuns: 300 },
    );
  });

  it('is written by one text only: whatever is read is written the same', () => {
    const pieces = fc.constantFrom(
      ...['1234567890123456', '0', '1', '2', '3', '4', '5', '6', '60', '1700000000', '3.0.0'],
      ...['alice', '192.0.2.10,tcp/22', '0.0.0.0,udp/53', '10.0.0.5,22', '192.0.2.10,id'].map(b64),
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 4 }), pieces, (more, type) => {
        const bytes = withDigest(fields({ 4: type }, ...more));
        const read = decodePlaintext(crypto, bytes);
        if (!read.ok) return;
        accepted += 1;
        expect(Buffer.from(encodePlaintext(crypto, read.message, read.digest))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 6000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('tells its fields from its digest, for a record of replays', () => {
    const texts = DIGEST_NAMES.map((digest) => {
      const read = decodePlaintext(crypto, encodePlaintext(crypto, MESSAGE, digest));
      return read.ok && read.fields;
    });
    expect(new Set(texts)).toEqual(new Set([fields()]));
  });

  it('outlives the year 2038', () => {
    const message: FwknopMessage = { ...MESSAGE, timestamp: 2 ** 31 + 5 };
    expect(decodePlaintext(crypto, encodePlaintext(crypto, message, 'sha256'))).toMatchObject({ ok: true, message });
  });

  const cases: [string, string, MessageRefusal | 'ok'][] = [
    ['a good one', fields(), 'ok'],
    ['server auth', fields({}, b64('secret')), 'ok'],
    ['a letter in the random digits', fields({ 0: '123456789012345a' }), 'random'],
    ['15 random digits', fields({ 0: '123456789012345' }), 'random'],
    ['no user', fields({ 1: '' }), 'user'],
    ['a user with a slash', fields({ 1: b64('a/b') }), 'user'],
    ['a user of 49 characters', fields({ 1: b64('a'.repeat(49)) }), 'user'],
    ['a user with a zero byte', fields({ 1: b64('a\0b') }), 'user'],
    ['base64 with padding', fields({ 1: 'YQ==' }), 'user'],
    ['base64 with unused bits', fields({ 1: 'YR' }), 'user'],
    ['base64url', fields({ 1: 'Pj4-' }), 'user'],
    ['a time of letters', fields({ 2: 'now' }), 'timestamp'],
    ['a time with a sign', fields({ 2: '+1700000000' }), 'timestamp'],
    ['a time with a leading zero', fields({ 2: '01700000000' }), 'timestamp'],
    ['13 digits of time', fields({ 2: '1700000000000' }), 'timestamp'],
    ['no version', fields({ 3: '' }), 'version'],
    ['a version of 9 characters', fields({ 3: '3.0.0.0.0' }), 'version'],
    ['type 7', fields({ 4: '7' }), 'type'],
    ['type x', fields({ 4: 'x' }), 'type'],
    ['type 01', fields({ 4: '01' }), 'type'],
    ['no comma', fields({ 5: b64('192.0.2.10') }), 'message'],
    ['octal digits', fields({ 5: b64('192.0.2.010,tcp/22') }), 'address'],
    ['an address of IPv6', fields({ 5: b64('2001:db8::1,tcp/22') }), 'address'],
    ['a mapped address', fields({ 5: b64('::ffff:192.0.2.1,tcp/22') }), 'address'],
    ['no port', fields({ 5: b64('192.0.2.10,') }), 'port'],
    ['none/0', fields({ 5: b64('192.0.2.10,none/0') }), 'port'],
    ['icmp', fields({ 5: b64('192.0.2.10,icmp/1') }), 'port'],
    ['port 0', fields({ 5: b64('192.0.2.10,tcp/0') }), 'port'],
    ['port 65536', fields({ 5: b64('192.0.2.10,tcp/65536') }), 'port'],
    ['port 022', fields({ 5: b64('192.0.2.10,tcp/022') }), 'port'],
    ['an empty command', fields({ 4: '0', 5: b64('192.0.2.10,') }), 'message'],
    ['a command', fields({ 4: '0', 5: b64('192.0.2.10,id; echo, "$x"') }), 'ok'],
    ['a line break in a command', fields({ 4: '0', 5: b64('192.0.2.10,id\nid') }), 'message'],
    ['no NAT', fields({ 4: '2' }), 'nat'],
    ['NAT', fields({ 4: '2' }, b64('inner.example,22')), 'ok'],
    ['NAT without a port', fields({ 4: '2' }, b64('10.0.0.5')), 'nat'],
    ['NAT to two hosts', fields({ 4: '2' }, b64('10.0.0.5,22,23')), 'nat'],
    ['NAT to a shell word', fields({ 4: '2' }, b64('$(id),22')), 'nat'],
    ['no timeout', fields({ 4: '3' }), 'timeout'],
    ['timeout 0', fields({ 4: '3' }, '0'), 'timeout'],
    ['timeout 65536', fields({ 4: '3' }, '65536'), 'ok'],
    ['timeout 65537', fields({ 4: '3' }, '65537'), 'timeout'],
    ['timeout of a type without one', fields({}, b64('secret'), '60'), 'fields'],
    ['server auth that is none', fields({}, '***'), 'server-auth'],
    ['too few fields', '1234567890123456:YQ:1:3.0.0:1', 'fields'],
    ['nothing', '', 'fields'],
  ];
  it.each(cases)('%s', (_, text, expected) => {
    expect(outcome(text)).toBe(expected);
  });

  it('is refused with another digest, or with any byte that is not text', () => {
    const good = withDigest(fields());
    expect(
      decodePlaintext(
        crypto,
        good.map((byte, i) => (i === 3 ? 0x39 : byte)),
      ),
    ).toMatchObject({ reason: 'digest' });
    expect(
      decodePlaintext(
        crypto,
        good.map((byte, i) => (i === 3 ? 0x0a : byte)),
      ),
    ).toMatchObject({ reason: 'not-text' });
    expect(
      decodePlaintext(
        crypto,
        good.map((byte, i) => (i === 3 ? 0xe4 : byte)),
      ),
    ).toMatchObject({ reason: 'not-text' });
  });

  it('is not written when nobody would read it', () => {
    const bad: Partial<FwknopMessage>[] = [
      { random: '1' },
      { user: '' },
      { user: 'a:b' },
      { timestamp: 1.5 },
      { timestamp: -1 },
      { version: '' },
      { ask: { kind: 'access', ports: [] } },
      { ask: { kind: 'command', command: 'x'.repeat(200) } },
      { ask: { kind: 'command', command: 'id' }, timeout: 5 },
      { timeout: 65_537 },
      { serverAuth: '' },
    ];
    for (const change of bad)
      expect(() => encodePlaintext(crypto, { ...MESSAGE, ...change }, 'md5')).toThrow(RangeError);
  });

  it('of any bytes at all never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decodePlaintext(crypto, bytes).ok).toBe(false);
      }),
    );
    const byte = fc.integer({ min: 0x20, max: 0x7e });
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300 }), (codes) => {
        decodePlaintext(crypto, withDigest(String.fromCharCode(...codes)));
      }),
    );
  });
});
