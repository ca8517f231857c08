import type { Activity, EventRow } from './answer.ts';
import { csv } from './csv.ts';

/* Texts of exported files. Times are UTC, so that a file says the same everywhere. */

const iso = (at: number) => new Date(at).toISOString();

export function eventsAsCsv(rows: readonly EventRow[]): string {
  const lines = rows.map(({ time, event, client, address, details }) => [iso(time), event, client, address, details]);
  return csv([['time', 'event', 'client', 'address', 'details'], ...lines]);
}

export function countsAsCsv({ hours }: Activity): string {
  const lines = hours.map(({ hour, event, reason = '', count }) => [iso(hour), event, reason, count]);
  return csv([['hour', 'event', 'reason', 'count'], ...lines]);
}

export function visitorsAsCsv({ visitors }: Activity): string {
  const lines = visitors.map(({ client, address, knocks, first, last }) => [
    client,
    address,
    knocks,
    iso(first),
    iso(last),
  ]);
  return csv([['client', 'address', 'knocks', 'first', 'last'], ...lines]);
}

/** A value as the gate gave it. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
