import { isIPv4 as isIPv4Text, isIPv6 as isIPv6Text } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressOfBytes,
  contains,
  formatAddress,
  formatNetwork,
  isGlobal,
  isIPv4,
  isUnicast,
  masked,
  parseAddress,
  parseNetwork,
  sameBytes,
} from '../../../src/base/addresses.ts';
import { Problem } from '../../../src/base/problem.ts';
import { bytesArbitrary, flipped, hex } from '../spa/support.ts';

function address(text: string): Address {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(`no address: ${text}`);
  return found;
}

const ipv4 = bytesArbitrary(4).map(addressOfBytes);
// Groups of zeros are likely, since the shortened form depends on them.
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));
const anyAddress = fc.oneof(ipv4, ipv6);

describe('addresses', () => {
  it('reads what it writes, and node:net agrees that it is an address', () => {
    fc.assert(
      fc.property(anyAddress, (bytes) => {
        const text = formatAddress(bytes);
        expect(parseAddress(text)).toEqual(bytes);
        expect(isIPv4(bytes) ? isIPv4Text(text) : isIPv6Text(text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with node:net on what is an address, except for zones, which it refuses', () => {
    const piece = fc.constantFrom(
      ...'0123456789abcdefABCDEF',
      ':',
      ':',
      ':',
      '::',
      '.',
      '.',
      '255',
      '256',
      '1.2.3.4',
      '0',
      '%',
      ' ',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 18 }).map((pieces) => pieces.join('')),
      fc.tuple(anyAddress, fc.nat(40), piece).map(([bytes, at, extra]) => {
        const written = formatAddress(bytes);
        return written.slice(0, at) + extra + written.slice(at);
      }),
      fc.tuple(anyAddress, fc.nat(40)).map(([bytes, at]) => {
        const written = formatAddress(bytes);
        return written.slice(0, at) + written.slice(at + 1);
      }),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const expected = (isIPv4Text(candidate) || isIPv6Text(candidate)) && !candidate.includes('%');
        expect(parseAddress(candidate) !== undefined).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    // RFC 5952, sections 4 and 5.
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatAddress(address(text))).toBe(canonical);
  });

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.04',
    '0x1.2.3.4',
    '1.2.3.256',
    '+1.2.3.4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1.2.3.4\n',
    '1..3.4',
    '1.2.3.4:22',
    '[::1]',
    '::1%lo',
    ':',
    ':::',
    '1:',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '１.2.3.4',
  ])('%j is not an address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('read from a header are copies', () => {
    for (const length of [4, 16]) {
      const header = Buffer.alloc(length, 7);
      const made = addressOfBytes(header);
      const before = hex(made);
      header.fill(0);
      expect(hex(made)).toBe(before);
    }
  });
});

describe('networks', () => {
  const network = fc
    .oneof(
      fc.tuple(ipv4, fc.integer({ min: 96, max: 128 })),
      fc.tuple(
        ipv6.filter((bytes) => !isIPv4(bytes)),
        fc.integer({ min: 0, max: 128 }),
      ),
    )
    .map(([bytes, prefix]) => ({ address: masked(bytes, prefix), prefix }));

  it('are read as they are written', () => {
    fc.assert(
      fc.property(network, (one) => {
        expect(parseNetwork(formatNetwork(one))).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  it('contain every address with the same prefix, and no other', () => {
    fc.assert(
      fc.property(network, fc.nat(127), (one, position) => {
        // Bit `position` counted from the left, as prefixes are.
        const other = flipped(one.address, (position & ~7) + 7 - (position & 7));
        const expected = position >= one.prefix && isIPv4(other) === isIPv4(one.address);
        expect(contains(one, one.address)).toBe(true);
        expect(contains(one, other)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '1.2.3.4', false],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fc00::1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
  ])('%s contains %s: %s', (net, host, expected) => {
    expect(contains(parseNetwork(net), address(host))).toBe(expected);
  });

  it.each([
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    '10.0.0.1/8',
    '10.0.0.0/a',
    '10.0.0.0/255.0.0.0',
    '::/129',
    '::1/64',
    'fd00::1/8',
    '::ffff:10.0.0.0/8',
    '10.0.0/8',
    'localhost',
  ])('%j is not a network', (text) => {
    expect(() => parseNetwork(text, 'sources')).toThrow(Problem);
    expect(() => parseNetwork(text, 'sources')).toThrow(/^sources: /);
  });

  it('nothing but a Problem is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abf:./ ') }), (text) => {
        try {
          expect(sameBytes(parseNetwork(text).address, address(text.split('/')[0] ?? ''))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('kinds of address', () => {
  it.each([
    // text, unicast and not loopback, seen the same everywhere
    ['203.0.113.7', true, true],
    ['8.8.8.8', true, true],
    ['2001:db8::1', true, true],
    ['2a00:1450::1', true, true],
    ['0.0.0.0', false, false],
    ['0.1.2.3', false, false],
    ['127.0.0.1', false, false],
    ['127.255.255.255', false, false],
    ['224.0.0.1', false, false],
    ['239.255.255.255', false, false],
    ['240.0.0.1', false, false],
    ['255.255.255.255', false, false],
    ['::', false, false],
    ['::1', false, false],
    ['ff02::1', false, false],
    ['::ffff:127.0.0.1', false, false],
    ['10.1.2.3', true, false],
    ['100.64.0.1', true, false],
    ['100.127.255.255', true, false],
    ['100.128.0.0', true, true],
    ['169.254.1.1', true, false],
    ['172.16.0.1', true, false],
    ['172.31.255.255', true, false],
    ['172.32.0.0', true, true],
    ['192.168.0.1', true, false],
    ['192.0.0.2', true, false],
    ['192.0.1.1', true, true],
    ['198.18.0.1', true, false],
    ['198.19.255.255', true, false],
    ['198.20.0.0', true, true],
    ['fc00::1', true, false],
    ['fdff::1', true, false],
    ['fe80::1', true, false],
  ])('%s: unicast %s, global %s', (text, unicast, global) => {
    expect(isUnicast(address(text))).toBe(unicast);
    expect(isGlobal(address(text))).toBe(global);
  });

  it('a global address is unicast', () => {
    fc.assert(fc.property(anyAddress, (bytes) => !isGlobal(bytes) || isUnicast(bytes)));
  });
});
