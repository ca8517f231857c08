import { contains, type Network, parseAddress } from '../../../src/base/addresses.ts';
import type { Found, LoggedEvent } from './event.ts';

/** Events that are looked at for one page: the answer takes some seconds at most. */
const MOST_LOOKED_AT = 200_000;
/** Events in a row that are too old, after which no others are expected. Not the first: a clock may have been set. */
const ENOUGH_OLD = 1000;

/** A search. */
export interface Wanted {
  /** Names of events; any when it is empty. */
  readonly events: readonly string[];
  readonly reasons: readonly string[];
  readonly client: string | undefined;
  readonly network: Network | undefined;
  /** Unix milliseconds, both included. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly limit: number;
}

/** Every event, in pages of the usual length. */
export const ANY: Wanted = {
  events: [],
  reasons: [],
  client: undefined,
  network: undefined,
  since: undefined,
  until: undefined,
  limit: 100,
};

/** A part of the log. */
export interface Page {
  /** The newest first. */
  readonly events: readonly LoggedEvent[];
  /** The place behind which the search goes on; null at the end of the log. */
  readonly next: string | null;
}

/** Collects a page. @param found events of the log, the newest first */
export async function pageOf(found: AsyncIterable<Found>, wanted: Wanted): Promise<Page> {
  const { since = Number.NEGATIVE_INFINITY, limit } = wanted;
  const events: LoggedEvent[] = [];
  let [lookedAt, old] = [0, 0];
  let last = '';
  for await (const { event, cursor } of found) {
    if (events.length === limit || lookedAt === MOST_LOOKED_AT) return { events, next: last };
    lookedAt += 1;
    last = cursor;
    old = Date.parse(event.time) < since ? old + 1 : 0;
    if (old === ENOUGH_OLD) break;
    if (isWanted(event, wanted)) events.push(event);
  }
  return { events, next: null };
}

function isWanted(event: LoggedEvent, { events, reasons, client, network, since, until }: Wanted): boolean {
  const at = Date.parse(event.time);
  return (
    isAmong(event.event, events) &&
    isAmong(event.reason, reasons) &&
    (client === undefined || event.client === client) &&
    (network === undefined || isIn(event.source, network)) &&
    (since === undefined || at >= since) &&
    (until === undefined || at <= until)
  );
}

function isAmong(value: unknown, wanted: readonly string[]): boolean {
  return wanted.length === 0 || (typeof value === 'string' && wanted.includes(value));
}

function isIn(source: unknown, network: Network): boolean {
  const address = typeof source === 'string' ? parseAddress(source) : undefined;
  return address !== undefined && contains(network, address);
}
