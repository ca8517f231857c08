import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concat,
  copyOf,
  equalConstantTime,
  fromBase64Url,
  isAllZero,
  toBase64Url,
  utf8,
  xor,
} from '../../../src/base/bytes.ts';
import { flipped, hex } from '../spa/support.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

describe('byte strings', () => {
  it('concat and xor give the same as Buffer', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(hex(concat(a, b))).toBe(hex(Buffer.concat([a, b])));
        expect(isAllZero(xor(a, a))).toBe(true);
        const length = Math.min(a.length, b.length);
        const [x, y] = [a.subarray(0, length), b.subarray(0, length)];
        expect(hex(xor(xor(x, y), y))).toBe(hex(x));
      }),
    );
    expect(() => xor(Uint8Array.of(1), Uint8Array.of(1, 2))).toThrow(RangeError);
  });

  it('a copy of a part of a Buffer is its own', () => {
    const buffer = Buffer.from([1, 2, 3, 4]);
    const copy = copyOf(buffer, 1, 3);
    buffer.fill(9);
    expect(copy).toEqual(Uint8Array.of(2, 3));
    expect(copy.buffer.byteLength).toBe(2);
  });

  it('isAllZero and equalConstantTime see every bit', () => {
    fc.assert(
      fc.property(bytes, (a) => {
        expect(equalConstantTime(a, a.slice())).toBe(true);
        expect(equalConstantTime(a, concat(a, Uint8Array.of(0)))).toBe(false);
        for (let bit = 0; bit < a.length * 8; bit++) {
          expect(equalConstantTime(a, flipped(a, bit))).toBe(false);
          expect(isAllZero(flipped(new Uint8Array(a.length), bit))).toBe(false);
        }
      }),
      { numRuns: 10 },
    );
    expect(isAllZero(new Uint8Array(0))).toBe(true);
  });

  it('utf8', () => {
    expect(hex(utf8('aé€😀'))).toBe('61c3a9e282acf09f9880');
  });
});

describe('base64url', () => {
  it('is what Buffer writes, and reads back', () => {
    fc.assert(
      fc.property(bytes, (a) => {
        expect(toBase64Url(a)).toBe(Buffer.from(a).toString('base64url'));
        expect(fromBase64Url(toBase64Url(a))).toEqual(a);
      }),
    );
  });

  it('has exactly one text for each byte string', () => {
    const character = fc.constantFrom(...'ABCYZabcyz0189-_');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 50 }), (text) => {
        const read = fromBase64Url(text);
        expect(read === undefined || toBase64Url(read) === text).toBe(true);
        expect(read !== undefined).toBe(Buffer.from(text, 'base64url').toString('base64url') === text);
      }),
    );
  });

  it('every other last character of a key is refused', () => {
    const text = toBase64Url(new Uint8Array(32).fill(0xa5));
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const readable = [...alphabet].filter((last) => fromBase64Url(text.slice(0, -1) + last) !== undefined);
    // 43 characters hold 258 bits: the last two must be zero.
    expect(readable).toHaveLength(16);
  });

  it.each(['A', 'AAAAA', 'AA==', 'AA=', 'AB', 'AAB', 'A A', ' AA', 'AA\n', 'A+', 'A/', 'AÀ', 'A😀', 'AA\0'])(
    'refuses %j',
    (text) => {
      expect(fromBase64Url(text)).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void fromBase64Url(text)));
  });
});
