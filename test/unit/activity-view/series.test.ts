import { describe, expect, it } from 'vitest';
import type { HourCount } from '../../../src/activity-view/answer.ts';
import { readActivity } from '../../../src/activity-view/answer.ts';
import {
  eventNames,
  otherEventsSince,
  RANGES,
  refusalsSince,
  seriesOf,
  sum,
} from '../../../src/activity-view/series.ts';
import { busyAnswer } from '../../rig/activity-answer.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);
const HOUR_MS = 3_600_000;

const count = (hour: number, event: string, number: number, reason?: string): HourCount => ({
  hour,
  event,
  reason,
  count: number,
});

describe('numbers over time', () => {
  const { hours } = readActivity(busyAnswer(NOW, 1_000_000));

  it.each(RANGES)('of %d days add up to what the gate has counted since their beginning', (days) => {
    const { edges, knocks, refused, reasons } = seriesOf(hours, days, NOW);
    const [since = 0] = edges;
    const total = (event: string) =>
      sum(hours.filter((each) => each.event === event && each.hour >= since).map((each) => each.count));
    expect(sum(knocks)).toBe(total('granted'));
    expect(sum(refused)).toBe(total('refused'));
    expect(refused).toEqual(knocks.map((_, bar) => sum(reasons.map(({ counts }) => counts[bar] ?? 0))));
    expect(edges).toHaveLength(knocks.length + 1);
    expect(edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? 0))).toBe(true);
    expect(NOW).toBeLessThan(edges.at(-1) ?? 0);
  });

  it('of a day are by the hour, up to the present one', () => {
    const present = Date.UTC(2026, 10, 30, 12);
    const { edges, knocks } = seriesOf(
      [count(present, 'granted', 2), count(present - 24 * HOUR_MS, 'granted', 9)],
      1,
      NOW,
    );
    expect(edges.at(-1)).toBe(present + HOUR_MS);
    expect(edges[0]).toBe(present - 23 * HOUR_MS);
    expect([knocks.at(-1), sum(knocks)]).toEqual([2, 2]);
  });

  it('of a month begin at midnights of this computer, also when the clocks change', () => {
    const { edges } = seriesOf([], 31, NOW);
    expect(edges).toHaveLength(32);
    expect(edges.map((edge) => new Date(edge).getHours()).every((hour) => hour === 0)).toBe(true);
  });

  it('name the reasons that were most frequent, and put the others together', () => {
    const reasons = ['a', 'b', 'c', 'd', 'e', 'f'].map((reason, i) => count(NOW - HOUR_MS, 'refused', i + 1, reason));
    const found = seriesOf(reasons, 1, NOW).reasons;
    expect(found.map(({ reason, counts }) => [reason, sum(counts)])).toEqual([
      ['f', 6],
      ['e', 5],
      ['d', 4],
      ['c', 3],
      [undefined, 3],
    ]);
  });
});

describe('totals', () => {
  const hours = [
    count(NOW, 'refused', 1, 'stale'),
    count(NOW, 'refused', 2, 'replayed'),
    count(NOW - HOUR_MS, 'refused', 4, 'stale'),
    count(NOW, 'armed', 1),
    count(NOW, 'granted', 5),
  ];
  it('are by reason, the most frequent first', () => {
    expect(refusalsSince(hours, NOW - HOUR_MS)).toEqual([
      { name: 'stale', count: 5 },
      { name: 'replayed', count: 2 },
    ]);
    expect(refusalsSince(hours, NOW)).toHaveLength(2);
  });
  it('of other events leave out knocks and refusals', () => {
    expect(otherEventsSince(hours, NOW)).toEqual([{ name: 'armed', count: 1 }]);
    expect(eventNames(hours)).toEqual(['armed', 'granted', 'refused']);
  });
});
