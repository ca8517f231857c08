import type { HourCount } from './answer.ts';

/* Counts by the hour, as the plots show them. */

/** Days that can be shown. */
export const RANGES = [1, 7, 31] as const;
export type Days = (typeof RANGES)[number];

const HOUR_MS = 3_600_000;
/** Refusals for more reasons than these are shown together. */
const MOST_REASONS = 4;

/** Numbers over time. Bar `i` is from `edges[i]` to `edges[i + 1]`, in unix milliseconds. */
export interface Series {
  readonly edges: readonly number[];
  readonly knocks: readonly number[];
  readonly refused: readonly number[];
  /** Refusals by reason, the most frequent first. The last one, without a reason, is all others together. */
  readonly reasons: readonly { readonly reason: string | undefined; readonly counts: readonly number[] }[];
}

/**
 * Adds up the counts of the last days: by the hour for one day, by six hours for a week, by the day for more. Bars begin at full
 * hours and at midnights of this computer's time zone.
 * @param now unix milliseconds
 */
export function seriesOf(hours: readonly HourCount[], days: Days, now: number): Series {
  const edges = edgesOf(days, now);
  const none = () => edges.slice(1).map(() => 0);
  const [knocks, refused] = [none(), none()];
  const byReason = new Map<string, number[]>();
  for (const { hour, event, reason = '', count } of hours) {
    const bar = edges.findLastIndex((edge) => edge <= hour);
    if (bar < 0 || bar >= knocks.length) continue;
    if (event === 'granted') add(knocks, bar, count);
    if (event !== 'refused') continue;
    add(refused, bar, count);
    const counts = byReason.get(reason) ?? none();
    byReason.set(reason, counts);
    add(counts, bar, count);
  }
  return { edges, knocks, refused, reasons: reasonsOf(byReason, none) };
}

function add(counts: number[], bar: number, count: number): void {
  counts[bar] = (counts[bar] ?? 0) + count;
}

function reasonsOf(byReason: ReadonlyMap<string, number[]>, none: () => number[]): Series['reasons'] {
  const sorted = [...byReason].sort(([, a], [, b]) => sum(b) - sum(a));
  const named = sorted.slice(0, MOST_REASONS).map(([reason, counts]) => ({ reason, counts }));
  const others = sorted.slice(MOST_REASONS);
  if (others.length === 0) return named;
  const together = none().map((_, bar) => sum(others.map(([, counts]) => counts[bar] ?? 0)));
  return [...named, { reason: undefined, counts: together }];
}

export function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Beginnings of the bars, and the end of the last one. */
function edgesOf(days: Days, now: number): number[] {
  if (days === 1) {
    const end = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
    return Array.from({ length: 25 }, (_, i) => end - (24 - i) * HOUR_MS);
  }
  // Not by adding 24 hours: a day has 23 when the clocks go forward.
  const today = new Date(now);
  const at = (day: number, hour: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + day, hour).getTime();
  if (days === 7) return Array.from({ length: 7 * 4 + 1 }, (_, i) => at(Math.floor(i / 4) - 6, (i % 4) * 6));
  return Array.from({ length: days + 1 }, (_, i) => at(i - days + 1, 0));
}

/** Number of events of one kind. */
export interface Total {
  readonly name: string;
  readonly count: number;
}

/** Refusals by reason since a time, the most frequent first. */
export function refusalsSince(hours: readonly HourCount[], since: number): Total[] {
  return totals(hours.filter(({ hour, event }) => event === 'refused' && hour >= since).map(asReason));
}

/** All events but knocks and refusals since a time, the most frequent first. */
export function otherEventsSince(hours: readonly HourCount[], since: number): Total[] {
  const others = hours.filter(({ hour, event }) => event !== 'refused' && event !== 'granted' && hour >= since);
  return totals(others.map(({ event, count }) => ({ name: event, count })));
}

/** Names of all events that were counted, in alphabetical order. */
export function eventNames(hours: readonly HourCount[]): string[] {
  return [...new Set(hours.map(({ event }) => event))].sort();
}

const asReason = ({ event, reason, count }: HourCount): Total => ({ name: reason ?? event, count });

function totals(counts: readonly Total[]): Total[] {
  const byName = new Map<string, number>();
  for (const { name, count } of counts) byName.set(name, (byName.get(name) ?? 0) + count);
  return [...byName].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}
