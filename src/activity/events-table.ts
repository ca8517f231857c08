import type { EventRow } from '../activity-view/answer.ts';
import { inColumns } from '../base/columns.ts';
import { oneLine } from '../base/printable.ts';

/** Characters of a cell: an address and a list of ports are shorter, an error may be longer. */
const WIDEST = 200;

/** Events as lines of a table, under a heading. */
export function eventsTable(events: readonly EventRow[]): string[] {
  const rows = events.map(({ time, event, client, address, details }) => {
    const at = new Date(time).toISOString().slice(0, 19).replace('T', ' ');
    return [at, event, client, address, details].map((cell) => oneLine(cell, WIDEST));
  });
  return inColumns([['TIME (UTC)', 'EVENT', 'CLIENT', 'ADDRESS', 'DETAILS'], ...rows]);
}
