import type { Activity, EventRow, Grant, HourCount, Visitor } from '../activity-view/answer.ts';
import { type Asked, countersOf, healthOf } from '../activity-view/health.ts';
import { otherEventsSince, refusalsSince, type Total } from '../activity-view/series.ts';
import { inColumns } from '../base/columns.ts';
import { inWords } from '../base/phrase.ts';
import { oneLine } from '../base/printable.ts';
import { eventsTable } from './events-table.ts';
import { histogram } from './histogram.ts';
import { plain, type ReportLine } from './report-line.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Visitors in the table; `--json` has all. */
const MOST_VISITORS = 20;
/** Characters of a cell. */
const WIDEST = 100;

/** The last lines of the log, the newest first; or why the log cannot be read. */
export type LastEvents = readonly EventRow[] | string;

/** Answers of a gate, and how to show them. */
export interface Report {
  readonly activity: Activity;
  readonly events: LastEvents;
  readonly days: number;
  readonly when: Asked;
  /** The command that ends a grant, such as `knockgated revoke ADDRESS`. */
  readonly revoke: string;
}

/**
 * Shows the activity of a gate to people: who is in, knocks and refusals over time, who came, the packets, the gate's health, and
 * what happened last.
 */
export function reportLines({ activity, events, days, when, revoke }: Report): ReportLine[] {
  const since = beginOf(days, when.answered);
  const hours = hoursWithin(activity, days, when.answered);
  const span = days === 1 ? 'The last 24 hours (UTC)' : `The last ${days} days (UTC)`;
  const sections: [string, ReportLine[]][] = [
    ['In now', grantLines(activity.grants, revoke)],
    [span, plain(histogram(hours, days))],
    ['Refused', totalLines(refusalsSince(hours, since))],
    ['Other events', totalLines(otherEventsSince(hours, since))],
    ['Who came', visitorLines(activity.visitors.filter(({ last }) => last >= since))],
    ['Packets', plain(columns(countersOf(activity).map(({ name, packets }) => [String(packets), inWords(name)])))],
    ['Health', healthLines(activity, when)],
    ['Last events', plain(typeof events === 'string' ? events.split('\n') : eventsTable(events))],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines], i) => [...plain([...(i === 0 ? [] : ['']), `${title}:`]), ...lines]);
}

/**
 * The hourly counts of the last days, with those of the hour in which they begin.
 * @param now unix milliseconds
 */
export function hoursWithin({ hours }: Activity, days: number, now: number): HourCount[] {
  return hours.filter(({ hour }) => hour >= beginOf(days, now));
}

function beginOf(days: number, now: number): number {
  const begin = now - days * DAY_MS;
  return begin - (begin % HOUR_MS);
}

function grantLines(grants: readonly Grant[], revoke: string): ReportLine[] {
  if (grants.length === 0) return plain(['Nobody is let in at the moment.']);
  const rows = grants.map(({ client, address, port, seconds }) => [client, address, port, String(seconds)]);
  const [head = '', ...lines] = columns([['CLIENT', 'ADDRESS', 'PORT', 'SECONDS LEFT'], ...rows]);
  return [
    ...plain([head]),
    ...lines.map((text) => ({ text, tone: 'good' as const })),
    ...plain([`To end a grant: ${revoke}`]),
  ];
}

function totalLines(totals: readonly Total[]): ReportLine[] {
  return plain(columns(totals.map(({ name, count }) => [name, String(count)])));
}

function visitorLines(visitors: readonly Visitor[]): ReportLine[] {
  if (visitors.length === 0) return [];
  const newest = [...visitors].sort((a, b) => b.last - a.last);
  const minute = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
  const rows = newest
    .slice(0, MOST_VISITORS)
    .map(({ client, address, knocks, first, last }) => [client, address, String(knocks), minute(first), minute(last)]);
  const more = visitors.length - MOST_VISITORS;
  return plain([
    ...columns([['CLIENT', 'ADDRESS', 'KNOCKS', 'FIRST', 'LAST'], ...rows]),
    ...(more > 0 ? [`and ${more} more: --json has all.`] : []),
  ]);
}

function healthLines(activity: Activity, when: Asked): ReportLine[] {
  const lines = healthOf(activity, when);
  const texts = columns(lines.map(({ name, says }) => [inWords(name), inWords(says)]));
  return texts.map((text, i) => ({ text, tone: lines[i]?.isFault === true ? 'bad' : 'plain' }));
}

/** A text from a gate stays on its line. */
function columns(rows: readonly (readonly string[])[]): string[] {
  return inColumns(rows.map((row) => row.map((cell) => oneLine(cell, WIDEST))));
}
