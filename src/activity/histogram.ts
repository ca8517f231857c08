import type { HourCount } from '../activity-view/answer.ts';
import { inColumns } from '../base/columns.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More days than these are shown day by day. */
const BY_HOUR = 2;
const WIDEST_BAR = 40;

/** Knocks and refusals within an hour or a day. */
interface Row {
  readonly start: number;
  knocks: number;
  refused: number;
}

/** Knocks and refusals over time, a line for each hour or day in which there were some. In UTC, as the log is. */
export function histogram(hours: readonly HourCount[], days: number): string[] {
  const length = days <= BY_HOUR ? HOUR_MS : DAY_MS;
  const rows = rowsOf(hours, length);
  if (rows.length === 0) return ['Nobody knocked.'];
  const most = Math.max(...rows.map(({ knocks, refused }) => knocks + refused));
  const bar = (count: number, mark: string) => mark.repeat(Math.ceil((count / most) * WIDEST_BAR));
  const lines = rows.map(({ start, knocks, refused }) => {
    const when = new Date(start).toISOString();
    const label = length === HOUR_MS ? when.slice(0, 16).replace('T', ' ') : when.slice(0, 10);
    return [label, String(knocks), String(refused), bar(knocks, '#') + bar(refused, '-')];
  });
  return inColumns([[length === HOUR_MS ? 'HOUR' : 'DAY', 'KNOCKS', 'REFUSED', '# let in, - refused'], ...lines]);
}

function rowsOf(hours: readonly HourCount[], length: number): Row[] {
  const rows = new Map<number, Row>();
  for (const { hour, event, count } of hours) {
    if (event !== 'granted' && event !== 'refused') continue;
    const start = Math.floor(hour / length) * length;
    const row = rows.get(start) ?? { start, knocks: 0, refused: 0 };
    if (event === 'granted') row.knocks += count;
    else row.refused += count;
    rows.set(start, row);
  }
  return [...rows.values()].sort((a, b) => a.start - b.start);
}
