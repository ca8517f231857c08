import { describe, expect, it } from 'vitest';
import { parseHours, presentSpan } from '../../../src/fleet/hours.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const spanAt = (hours: string, now: string) => {
  const parsed = parseHours(hours);
  const span = parsed && presentSpan([parsed], at(now));
  return span && [span.start, span.end].map((time) => new Date(time).toISOString().slice(0, 16));
};

describe('hours', () => {
  it.each([
    ['the present span', '2026-12-01T10:00', ['2026-12-01T08:00', '2026-12-01T18:00']],
    ['the span of the day, before it begins', '2026-12-01T07:59', ['2026-12-01T08:00', '2026-12-01T18:00']],
    ['the next day, at its end', '2026-12-01T18:00', ['2026-12-02T08:00', '2026-12-02T18:00']],
    ['Monday, on a Saturday', '2026-12-05T10:00', ['2026-12-07T08:00', '2026-12-07T18:00']],
    ['Monday, on Friday evening', '2026-12-04T18:00', ['2026-12-07T08:00', '2026-12-07T18:00']],
  ])('finds %s', (_, now, expected) => {
    expect(spanAt('mon-fri 08:00-18:00', now)).toEqual(expected);
  });

  it('finds a day a week ahead, and a whole day', () => {
    expect(spanAt('tue 08:00-09:00', '2026-12-01T09:00')).toEqual(['2026-12-08T08:00', '2026-12-08T09:00']);
    expect(spanAt('sun 00:00-24:00', '2026-12-06T23:59')).toEqual(['2026-12-06T00:00', '2026-12-07T00:00']);
  });

  it.each([
    '',
    'mon',
    'mon 8:00-18:00',
    'fri-mon 08:00-18:00',
    'mon 18:00-08:00',
    'mon 08:00-24:01',
    'mon-fri  08:00-18:00',
    'day 08:00-09:00',
  ])('refuses %j', (text) => expect(parseHours(text)).toBeUndefined());
});
