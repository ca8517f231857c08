import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import {
  type AccessRequest,
  decodePayload,
  encodePayload,
  MOST_EARLIER,
  payloadLength,
} from '../../../src/spa/payload.ts';
import { bytesOf, flipped, hex, PLAIN_REQUEST, requestArbitrary, unhex } from './support.ts';

const FULL: AccessRequest = {
  timestamp: 0x0102030405,
  source: Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i),
  destination: Uint8Array.from({ length: 16 }, (_, i) => 0xb0 + i),
  duration: 0x1234,
  ports: [
    { protocol: 'tcp', port: 22 },
    { protocol: 'udp', port: 51820 },
  ],
  action: 'wake',
  earlier: [0xc0, 0xd0].map((first) => Uint8Array.from({ length: 16 }, (_, i) => first + i)),
};
const AT = { version: 0, flags: 1, source: 10, destination: 26, count: 44, ports: 45 } as const;
/** Where the length of the action's name is in FULL. */
const ACTION_LENGTH_AT = AT.ports + 6;
/** Where the count of earlier tags is in FULL. */
const EARLIER_AT = ACTION_LENGTH_AT + 5;

function encoded(request: AccessRequest, padding = 0): Uint8Array {
  return encodePayload(request, payloadLength(request) + padding);
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? value : byte));
}

describe('payload', () => {
  it('has the layout of the protocol', () => {
    expect(hex(encoded(FULL, 3))).toBe(
      [
        '02',
        '01',
        '0000000102030405',
        'a0a1a2a3a4a5a6a7a8a9aaabacadaeaf',
        'b0b1b2b3b4b5b6b7b8b9babbbcbdbebf',
        '1234',
        '02',
        '060016',
        '11ca6c',
        '04',
        '77616b65',
        '02',
        'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf',
        'd0d1d2d3d4d5d6d7d8d9dadbdcdddedf',
        '000000',
      ].join(''),
    );
    expect(hex(encoded({ ...PLAIN_REQUEST, timestamp: 0 }))).toBe(`02${'00'.repeat(46)}`);
  });

  it('reads back', () => {
    fc.assert(
      fc.property(requestArbitrary, fc.nat(500), (request, padding) => {
        expect(decodePayload(encoded(request, padding))).toEqual(request);
      }),
      { numRuns: 300 },
    );
  });

  it('reads back from the middle of something longer', () => {
    const around = concat(bytesOf('before', 7), encoded(FULL, 9), bytesOf('behind', 5));
    expect(decodePayload(around.subarray(7, around.length - 5))).toEqual(FULL);
  });

  it('the result is a copy, also of a Buffer', () => {
    const buffer = Buffer.from(encoded(FULL));
    const request = decodePayload(buffer);
    buffer.fill(0);
    expect(request).toEqual(FULL);
  });

  it('every payload that is read is what would be written: no two payloads mean the same', () => {
    const valid = fc.tuple(requestArbitrary, fc.nat(40)).map(([request, padding]) => encoded(request, padding));
    const altered = fc
      .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
      .map(([bytes, changes]) => changes.reduce((all, [at, value]) => withByte(all, at % bytes.length, value), bytes));
    // Values near the valid ones get far into the parser.
    const near = fc
      .array(fc.constantFrom(0, 0, 0, 0, 1, 2, 6, 17, 0xc3, 0xa9, 0xff), { minLength: 25, maxLength: 80 })
      .map((tail) => concat(Uint8Array.of(2, 0), new Uint8Array(40), Uint8Array.from(tail)));
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(altered, near, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const request = decodePayload(bytes);
        if (request === undefined) return;
        read++;
        expect(hex(encodePayload(request, bytes.length))).toBe(hex(bytes));
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it('random bytes never throw', () => {
    const bytes = fc.uint8Array({ maxLength: 1232 });
    const versioned = bytes.map((tail) => concat(Uint8Array.of(2, 1), tail));
    fc.assert(
      fc.property(fc.oneof(bytes, versioned), (payload) => void decodePayload(payload)),
      { numRuns: 2000 },
    );
  });

  it('cut short anywhere is refused', () => {
    const bytes = encoded(FULL);
    for (let length = 0; length < bytes.length; length++)
      expect(decodePayload(bytes.subarray(0, length))).toBeUndefined();
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('with bit %i of the version turned is refused', (bit) => {
    expect(decodePayload(flipped(encoded(FULL), AT.version * 8 + bit))).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('with bit %i of the flags set is refused', (bit) => {
    for (const request of [FULL, PLAIN_REQUEST])
      expect(decodePayload(flipped(encoded(request), AT.flags * 8 + bit))).toBeUndefined();
  });

  it('a source that is not claimed must be zero, in every bit', () => {
    expect(decodePayload(flipped(encoded(FULL), AT.flags * 8))).toBeUndefined();
    for (let bit = 0; bit < 128; bit++)
      expect(decodePayload(flipped(encoded(PLAIN_REQUEST), AT.source * 8 + bit))).toBeUndefined();
  });

  it('a claimed source of zeros is read, for the next check to refuse', () => {
    const claimed = { ...PLAIN_REQUEST, source: new Uint8Array(16) };
    expect(decodePayload(encoded(claimed))).toEqual(claimed);
  });

  it('padding must be zero, in every bit', () => {
    const bytes = encoded(FULL, 40);
    for (let bit = payloadLength(FULL) * 8; bit < bytes.length * 8; bit++)
      expect(decodePayload(flipped(bytes, bit))).toBeUndefined();
  });

  it('port zero, unknown protocols and a port twice are refused', () => {
    const bytes = encoded(FULL);
    expect(decodePayload(withByte(bytes, AT.ports + 2, 0))).toBeUndefined();
    for (let protocol = 0; protocol < 256; protocol++) {
      const request = decodePayload(withByte(bytes, AT.ports, protocol));
      expect(request !== undefined).toBe(protocol === 6 || protocol === 17);
    }
    const twice = concat(bytes.subarray(0, AT.ports + 3), bytes.subarray(AT.ports, AT.ports + 3), unhex('0000'));
    expect(decodePayload(twice)).toBeUndefined();
    // The same number of both protocols is two ports.
    expect(decodePayload(withByte(twice, AT.ports + 3, 17))?.ports).toHaveLength(2);
  });

  it('more ports than there are bytes for are refused', () => {
    const bytes = encoded(FULL);
    for (let count = 3; count < 256; count++) expect(decodePayload(withByte(bytes, AT.count, count))).toBeUndefined();
    // The last port ends where the payload does: nothing is left for the length of the name and the count of earlier tags.
    const ports = encoded({ ...PLAIN_REQUEST, ports: FULL.ports });
    for (const cut of [1, 2]) expect(decodePayload(ports.subarray(0, -cut))).toBeUndefined();
  });

  it('a longer name than there are bytes for is refused', () => {
    const bytes = encoded(FULL);
    for (let length = 5; length < 256; length++)
      expect(decodePayload(withByte(bytes, ACTION_LENGTH_AT, length))).toBeUndefined();
  });

  it.each([
    ['a lone continuation byte', '80'],
    ['an overlong slash', 'c0af'],
    ['a surrogate', 'eda080'],
    ['beyond U+10FFFF', 'f4908080'],
    ['a cut sequence', 'e282'],
    ['0xff', 'ff'],
  ])('a name with %s is refused', (_, bad) => {
    const name = concat(utf8('a'), unhex(bad));
    const before = encoded({ ...FULL, action: '', earlier: [] }).subarray(0, -2);
    const bytes = (middle: Uint8Array) => concat(before, Uint8Array.of(middle.length), middle, Uint8Array.of(0));
    expect(decodePayload(bytes(utf8('a')))?.action).toBe('a');
    expect(decodePayload(bytes(name))).toBeUndefined();
  });

  it('every count of earlier tags that does not fit is refused', () => {
    const most = Array.from({ length: MOST_EARLIER }, (_, i) => bytesOf(`earlier ${i}`, 16));
    const full = { ...FULL, earlier: most };
    const bytes = encoded(full);
    expect(decodePayload(bytes)).toEqual(full);
    for (let count = 0; count < 256; count++)
      expect(decodePayload(withByte(bytes, EARLIER_AT, count)) === undefined).toBe(count !== MOST_EARLIER);
    // One more than there may be, though the bytes are there.
    const longer = concat(withByte(bytes, EARLIER_AT, MOST_EARLIER + 1), bytesOf('one more', 16));
    expect(decodePayload(longer)).toBeUndefined();
  });

  it('an earlier tag twice is refused', () => {
    const bytes = encoded(FULL);
    const first = bytes.subarray(EARLIER_AT + 1, EARLIER_AT + 17);
    expect(decodePayload(concat(bytes.subarray(0, -16), first))).toBeUndefined();
    expect(decodePayload(concat(bytes.subarray(0, -16), flipped(first, 127)))?.earlier).toHaveLength(2);
  });

  it('any destination is read, for the next check to refuse', () => {
    for (let bit = 0; bit < 128; bit++) {
      const request = decodePayload(flipped(encoded(PLAIN_REQUEST), AT.destination * 8 + bit));
      expect(hex(request?.destination ?? new Uint8Array())).toBe(hex(flipped(new Uint8Array(16), bit)));
    }
  });

  it('a byte order mark belongs to the name', () => {
    const request = { ...FULL, action: '\ufeffwake' };
    expect(decodePayload(encoded(request))).toEqual(request);
  });

  it('a timestamp that a number cannot hold exactly is refused', () => {
    const most = { ...FULL, timestamp: Number.MAX_SAFE_INTEGER };
    const bytes = encoded(most);
    expect(decodePayload(bytes)).toEqual(most);
    expect(decodePayload(concat(bytes.subarray(0, 2), unhex('0020000000000000'), bytes.subarray(10)))).toBeUndefined();
    expect(decodePayload(concat(bytes.subarray(0, 2), unhex('ffffffffffffffff'), bytes.subarray(10)))).toBeUndefined();
  });

  it.each<[string, Partial<AccessRequest>]>([
    ['256 ports', { ports: Array.from({ length: 256 }, (_, i) => ({ protocol: 'tcp' as const, port: i + 1 })) }],
    ['a port twice', { ports: [FULL.ports, FULL.ports].flat() }],
    ['port 0', { ports: [{ protocol: 'tcp', port: 0 }] }],
    ['port 65536', { ports: [{ protocol: 'tcp', port: 65536 }] }],
    ['half a port', { ports: [{ protocol: 'tcp', port: 22.5 }] }],
    ['a name of 256 bytes', { action: 'é'.repeat(128) }],
    ['a name with a lone surrogate', { action: 'a\ud800' }],
    ['a duration of 65536 s', { duration: 65536 }],
    ['a duration below zero', { duration: -1 }],
    ['half a second', { duration: 0.5 }],
    ['a time before 1970', { timestamp: -1 }],
    ['half a millisecond', { timestamp: 0.5 }],
    ['no time', { timestamp: Number.NaN }],
    ['a time beyond 2^53', { timestamp: 2 ** 53 }],
    ['a source of 4 bytes', { source: new Uint8Array(4) }],
    ['a destination of 4 bytes', { destination: new Uint8Array(4) }],
    ['a destination of 17 bytes', { destination: new Uint8Array(17) }],
    ['an earlier tag of 8 bytes', { earlier: [new Uint8Array(8)] }],
    ['an earlier tag of 17 bytes', { earlier: [new Uint8Array(17)] }],
    ['an earlier tag twice', { earlier: [bytesOf('tag', 16), bytesOf('tag', 16)] }],
    [
      'more earlier tags than there may be',
      { earlier: Array.from({ length: MOST_EARLIER + 1 }, (_, i) => bytesOf(`earlier ${i}`, 16)) },
    ],
  ])('%s cannot be written', (_, change) => {
    const request = { ...FULL, ...change };
    expect(() => encodePayload(request, 2000)).toThrow(RangeError);
  });

  it('cannot be written into less than it takes', () => {
    expect(() => encodePayload(FULL, payloadLength(FULL) - 1)).toThrow(RangeError);
  });
});
