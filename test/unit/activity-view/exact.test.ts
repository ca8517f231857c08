import { describe, expect, it } from 'vitest';
import * as exact from '../../../src/activity-view/exact.ts';

/** Whether a reader refuses a value. */
const refuses = (read: exact.Reader<unknown>, value: unknown) => {
  expect(() => read(value)).toThrow(exact.NotAsExpected);
};

describe('a reader', () => {
  it('takes what it describes, and nothing else', () => {
    expect(exact.wholeNumber(7)).toBe(7);
    for (const other of [-1, 1.5, Number.NaN, 2 ** 53, '7', null, undefined]) refuses(exact.wholeNumber, other);
    expect(exact.time('2026-11-30T12:00:00.000Z')).toBe(Date.UTC(2026, 10, 30, 12));
    for (const other of ['2026', 'yesterday', 'T12:00', 1_764_500_000_000, '2026-13-01T00:00:00Z'])
      refuses(exact.time, other);
    expect(exact.oneOf('a', 'b')('b')).toBe('b');
    refuses(exact.oneOf('a', 'b'), 'c');
    refuses(exact.text, 'a'.repeat(5000));
    refuses(exact.list(exact.text, 2), ['a', 'b', 'c']);
    refuses(exact.list(exact.text, 2), { 0: 'a', length: 1 });
    refuses(exact.dictionary(exact.text, 1), { a: '', b: '' });
  });

  it('writes out what is invisible in a text that is shown', () => {
    expect(exact.shownText('a\u202eb\u0000')).toBe('a\\u202eb\\u0000');
  });

  it('of fields passes others over, unless it is to be exact', () => {
    const value = { a: 1, b: 2 };
    expect(exact.fields({ a: exact.wholeNumber })(value)).toEqual({ a: 1 });
    refuses(exact.exactly({ a: exact.wholeNumber }), value);
    refuses(exact.fields({ a: exact.wholeNumber }), [1]);
    refuses(exact.fields({ a: exact.wholeNumber }), {});
    // A name that every object has is not a field.
    refuses(exact.exactly({}), JSON.parse('{"__proto__":1}'));
  });

  it('of several takes the first that fits, and lets other errors through', () => {
    expect(exact.anyOf<string | number>(exact.wholeNumber, exact.text)('a')).toBe('a');
    refuses(exact.anyOf(exact.wholeNumber), 'a');
    const broken = () => {
      throw new RangeError('of ours');
    };
    expect(() => exact.anyOf(broken, exact.text)('a')).toThrow(RangeError);
  });
});
