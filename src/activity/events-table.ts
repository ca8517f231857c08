import { inColumns } from '../base/columns.ts';
import { oneLine } from '../base/printable.ts';

/** Characters of a cell: an address and a list of ports are shorter, an error may be longer. */
const WIDEST = 200;
/** Fields that have a column, and those of the chain. */
const SHOWN: readonly string[] = ['time', 'seq', 'prev', 'event', 'client', 'source'];
/** Fields that explain themselves. */
const WITHOUT_NAME: readonly string[] = ['reason', 'detail', 'ports'];

/** Lines of the audit log as lines of a table, under a heading. */
export function eventsTable(events: readonly Record<string, unknown>[]): string[] {
  return inColumns([['TIME (UTC)', 'EVENT', 'CLIENT', 'ADDRESS', ''], ...events.map(rowOf)]);
}

function rowOf(event: Record<string, unknown>): string[] {
  const { time, event: name, client = '', source = '' } = event;
  const more = Object.entries(event)
    .filter(([field]) => !SHOWN.includes(field))
    .map(([field, value]) => (WITHOUT_NAME.includes(field) ? textOf(value) : `${field} ${textOf(value)}`));
  const at = String(time).slice(0, 19).replace('T', ' ');
  return [at, name, client, source, more.join(', ')].map((cell) => oneLine(textOf(cell), WIDEST));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
