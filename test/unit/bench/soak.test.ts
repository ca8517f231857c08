import { describe, expect, it } from 'vitest';
import { judge, type Minute, minuteLines, slopes } from '../../../bench/soak/report.ts';
import { slopePerHour } from '../../../bench/soak/slope.ts';

const minutesOf = (values: readonly number[], name = 'kB nft'): Minute[] =>
  values.map((value, i) => ({ minute: i + 1, figures: new Map([[name, value]]) }));
const traffic = { knocks: 5, opened: 5, missed: 0, misses: [], early: 0, slowestMs: 31 };
const minutes = (count: number) => (valueAt: (minute: number) => number) =>
  Array.from({ length: count }, (_, i) => valueAt(i + 1));
const thirty = minutes(30);
const sixty = minutes(60);

describe('a slope', () => {
  it('is per hour, and unmoved by a value far off', () => {
    const points = thirty((minute) => 100 + 2 * minute).map((value, i) => ({ minute: i, value }));
    expect(slopePerHour(points)).toBeCloseTo(120);
    expect(slopePerHour([...points, { minute: 31, value: 9_000_000 }])).toBeCloseTo(120);
    expect(slopePerHour([{ minute: 1, value: 5 }])).toBeUndefined();
  });
});

describe('the verdict of a soak', () => {
  it('is that nothing grew, whatever the first ten minutes took', () => {
    expect(judge(minutesOf(thirty((minute) => 5000 * Math.min(minute, 10))), traffic)).toEqual([]);
  });

  it('names what grows by a megabyte an hour', () => {
    expect(judge(minutesOf(thirty((minute) => 18 * minute)), traffic)).toEqual(['nft grows by 1080 kB an hour']);
    expect(judge(minutesOf(thirty((minute) => 16 * minute)), traffic)).toEqual([]);
  });

  it.each([
    ['set tags', 40, 20, 'set tags grows by 2400 elements an hour'],
    ['file replay', 2000, 500, 'file replay grows by 120000 bytes an hour'],
    ['descriptors daemon', 1, 0.1, 'descriptors daemon grows by 60 descriptors an hour'],
  ])('names what grows of sets, files and descriptors: %s', (name, fault, fine, said) => {
    expect(
      judge(
        minutesOf(
          sixty((minute) => 500 + fault * minute),
          name,
        ),
        traffic,
      ),
    ).toEqual([said]);
    expect(
      judge(
        minutesOf(
          sixty((minute) => 500 + fine * minute),
          name,
        ),
        traffic,
      ),
    ).toEqual([]);
    // The figure goes up and down while the daemon works.
    expect(
      judge(
        minutesOf(
          sixty((minute) => 500 + (minute % 3) * 200),
          name,
        ),
        traffic,
      ),
    ).toEqual([]);
  });

  it('lets a set fill for as long as used tags are kept', () => {
    expect(
      judge(
        minutesOf(
          sixty((minute) => 1200 * Math.min(minute, 21)),
          'set heard',
        ),
        traffic,
      ),
    ).toEqual([]);
    expect(
      judge(
        minutesOf(
          sixty((minute) => 1200 * minute),
          'set heard',
        ),
        traffic,
      ),
    ).toHaveLength(1);
  });

  it('is about what the daemon keeps, not about garbage that it will collect', () => {
    const growing = thirty((minute) => 900 * minute);
    expect(judge(minutesOf(growing, 'kB daemon'), traffic)).toEqual([]);
    expect(judge(minutesOf(growing, 'kB daemon keeps'), traffic)).toHaveLength(1);
  });

  it('names knocks that were missed, and ports that were open before', () => {
    expect(judge([], { missed: 2, early: 1 })).toEqual(['2 knocks were missed', 'the port was open before 1 knocks']);
  });
});

describe('the tables of a soak', () => {
  it('have a head before the first minute only', () => {
    const figures = new Map([
      ['kB nft', 20],
      ['set tags', 3],
      ['set spent', 4],
      ['file replay', 7],
      ['descriptors', 9],
    ]);
    const [head, first] = minuteLines(1, traffic, figures);
    expect(head?.trim().split(/ {2,}/)).toEqual([
      ...['minute', 'knocks', 'missed', 'open before', 'slowest ms', 'kB nft'],
      ...['elements of sets', 'bytes of files', 'descriptors'],
    ]);
    expect(first?.trim().split(/ +/)).toEqual(['1', '5', '0', '0', '31', '20', '7', '7', '9']);
    expect(minuteLines(2, traffic, figures)).toHaveLength(1);
  });

  it('say how each figure changed', () => {
    expect(slopes(minutesOf([7, 9, 8])).at(-1)).toEqual(['kB nft', '7', '7', '9', '8', '-']);
    expect(
      slopes(minutesOf(thirty((minute) => minute)))
        .at(-1)
        ?.at(-1),
    ).toBe('60');
  });
});
