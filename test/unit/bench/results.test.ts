import { describe, expect, it } from 'vitest';
import { median, quantile, rounded } from '../../../bench/results.ts';

describe('quantile', () => {
  it('is the nearest rank, whatever the order', () => {
    const values = Array.from({ length: 20 }, (_, i) => 20 - i);
    expect([quantile(values, 0.95), quantile(values, 1), quantile(values, 0)]).toEqual([19, 20, 1]);
    expect(quantile([], 0.95)).toBeUndefined();
  });
});

describe('median', () => {
  it.each([
    [[], undefined],
    [[3], 3],
    [[9, 1, 5], 5],
    [[9, 1, 5, 2], 3.5],
  ])('of %j is %s', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('rounded', () => {
  it('keeps hundredths, and leaves a missing value missing', () => {
    expect([rounded(1.2349), rounded(undefined)]).toEqual([1.23, null]);
  });
});
