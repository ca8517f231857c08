import { fieldsOf, listOfFields, numberOrZero } from '../../src/base/loose-json.ts';
import { columns, showGrants } from './output.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More days than these are shown day by day. */
const BY_HOUR = 2;
const WIDEST_BAR = 40;
/** Visitors in the table; `--json` has all. */
const MOST_VISITORS = 20;

/** Grants and refusals within an hour or a day. */
interface Row {
  readonly start: number;
  knocks: number;
  refused: number;
}

/**
 * Shows the answer to `activity` to people: who is in, knocks and refusals over time, who came, and the gate's health.
 * @param now unix milliseconds
 */
export function showActivity(answer: unknown, days: number, now: number): string {
  const { status, grants, hours, visitors } = fieldsOf(answer);
  const since = now - days * DAY_MS;
  const counts = listOfFields(hours).filter(({ hour }) => timeOf(hour) >= since - HOUR_MS);
  const came = listOfFields(visitors).filter(({ last }) => timeOf(last) >= since);
  return [
    `In now:\n${showGrants(grants)}`,
    `${title(days)}:\n${histogram(counts, days <= BY_HOUR ? HOUR_MS : DAY_MS)}`,
    ...section('Refused', totalsOf(counts.filter(({ event }) => event === 'refused'))),
    ...section('Events', totalsOf(counts.filter(({ event }) => event !== 'refused' && event !== 'granted'))),
    ...section('Who came', visitorsTable(came)),
    `Health:\n${health(answer, fieldsOf(status))}`,
  ].join('\n\n');
}

function title(days: number): string {
  return days === 1 ? 'The last 24 hours (UTC)' : `The last ${days} days (UTC)`;
}

function section(name: string, text: string): string[] {
  return text === '' ? [] : [`${name}:\n${text}`];
}

function histogram(counts: readonly Record<string, unknown>[], length: number): string {
  const rows = new Map<number, Row>();
  for (const { hour, event, count } of counts) {
    const start = Math.floor(timeOf(hour) / length) * length;
    const row = rows.get(start) ?? { start, knocks: 0, refused: 0 };
    if (event === 'granted') row.knocks += numberOrZero(count);
    if (event === 'refused') row.refused += numberOrZero(count);
    rows.set(start, row);
  }
  const busy = [...rows.values()].filter(({ knocks, refused }) => knocks + refused > 0);
  if (busy.length === 0) return 'Nobody knocked.';
  const most = Math.max(...busy.map(({ knocks, refused }) => knocks + refused));
  const bar = (count: number, mark: string) => mark.repeat(Math.ceil((count / most) * WIDEST_BAR));
  const lines = busy
    .sort((a, b) => a.start - b.start)
    .map(({ start, knocks, refused }) => {
      const when = new Date(start).toISOString();
      const label = length === HOUR_MS ? when.slice(0, 16).replace('T', ' ') : when.slice(0, 10);
      return [label, String(knocks), String(refused), bar(knocks, '#') + bar(refused, '-')];
    });
  return columns([[length === HOUR_MS ? 'HOUR' : 'DAY', 'KNOCKS', 'REFUSED', '# let in, - refused'], ...lines]);
}

/** Numbers by reason, or else by event; the largest first. */
function totalsOf(counts: readonly Record<string, unknown>[]): string {
  const totals = new Map<string, number>();
  for (const { event, reason, count } of counts) {
    const name = String(reason ?? event);
    totals.set(name, (totals.get(name) ?? 0) + numberOrZero(count));
  }
  const rows = [...totals].sort(([, a], [, b]) => b - a).map(([name, count]) => [name, String(count)]);
  return rows.length === 0 ? '' : columns(rows);
}

function visitorsTable(visitors: readonly Record<string, unknown>[]): string {
  if (visitors.length === 0) return '';
  const newest = [...visitors].sort((a, b) => timeOf(b.last) - timeOf(a.last));
  const rows = newest
    .slice(0, MOST_VISITORS)
    .map(({ client, address, first, last, knocks }) =>
      [client, address, knocks, minute(first), minute(last)].map(String),
    );
  const more = visitors.length > MOST_VISITORS ? `\nand ${visitors.length - MOST_VISITORS} more: --json has all.` : '';
  return columns([['CLIENT', 'ADDRESS', 'KNOCKS', 'FIRST', 'LAST'], ...rows]) + more;
}

function health(answer: unknown, status: Record<string, unknown>): string {
  const { version, memory } = fieldsOf(answer);
  const { armed, capture, state, restored, lead_seconds } = status;
  return columns([
    ['version', String(version)],
    ['ports', armed === null ? 'shown' : `hidden since ${minute(armed)}`],
    ['capture', String(capture)],
    ['replay record', String(state)],
    [
      'table',
      numberOrZero(restored) === 0 ? 'as it was made' : `put back ${numberOrZero(restored)} times since the start`,
    ],
    ['without a daemon', `known addresses get in for ${numberOrZero(lead_seconds)} s`],
    ['memory', `${Math.round(numberOrZero(memory) / 2 ** 20)} MB`],
  ]);
}

/** Unix milliseconds of an ISO time; NaN for anything else, which is never later than another time. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

function minute(value: unknown): string {
  return String(value).slice(0, 16).replace('T', ' ');
}
