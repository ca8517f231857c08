import { printable } from '../base/printable.ts';
import * as exact from './exact.ts';

/* Answers of a gate to `activity --json`, and `events --json`, as the view uses them. */

/** The daemon keeps fewer of each. */
const MOST_COUNTS = 20_000;
const MOST_VISITORS = 5000;
const MOST_GRANTS = 100_000;
const MOST_COUNTERS = 100;

/** An address that is let in, for one port. */
const grant = exact.fields({
  client: exact.shownText,
  address: exact.shownText,
  port: exact.shownText,
  /** Seconds left when the gate answered. */
  seconds: exact.wholeNumber,
});
export type Grant = exact.ReadBy<typeof grant>;

/** Events of one kind within an hour; `hour` is its beginning, in unix milliseconds. */
const hourCount = exact.fields({
  hour: exact.time,
  event: exact.shownText,
  reason: exact.orMissing(exact.shownText),
  count: exact.wholeNumber,
});
export type HourCount = exact.ReadBy<typeof hourCount>;

/** A client at an address, with its first and last visit. */
const visitor = exact.fields({
  client: exact.shownText,
  address: exact.shownText,
  first: exact.time,
  last: exact.time,
  knocks: exact.wholeNumber,
});
export type Visitor = exact.ReadBy<typeof visitor>;

const counters = exact.dictionary(exact.wholeNumber, MOST_COUNTERS);

const status = exact.fields({
  /** When the ports were hidden; null when they are not. */
  armed: exact.orNull(exact.time),
  trial: exact.orNull(exact.fields({ seconds_left: exact.wholeNumber })),
  capture: exact.oneOf('listening', 'lost'),
  state: exact.oneOf('durable', 'degraded'),
  restored: exact.wholeNumber,
  lead_seconds: exact.wholeNumber,
  skipped: exact.orNull(exact.list(exact.shownText, 1000)),
  clients: exact.wholeNumber,
  /** Packets that reached the daemon. */
  packets: counters,
  /** Packets that the rules of the kernel have counted. */
  kernel: counters,
  time: exact.time,
});

/** @throws NotAsExpected */
export const readActivity = exact.fields({
  version: exact.shownText,
  memory: exact.wholeNumber,
  status,
  grants: exact.list(grant, MOST_GRANTS),
  hours: exact.list(hourCount, MOST_COUNTS),
  visitors: exact.list(visitor, MOST_VISITORS),
});
export type Activity = exact.ReadBy<typeof readActivity>;

/** Reads the answer to `revoke --json`: how many grants it has ended. @throws NotAsExpected */
export const readRevoked = exact.fields({ ended: exact.wholeNumber });

/** An event of the log, in words. */
export interface EventRow {
  /** Unix milliseconds. */
  readonly time: number;
  readonly event: string;
  readonly client: string;
  readonly address: string;
  /** The reason, then all that the event has besides. */
  readonly details: string;
}

/** Names of an event's fields that have a column of their own, or tie the log together. */
const IN_COLUMNS = ['time', 'event', 'client', 'source', 'reason', 'seq', 'prev'];
/** Fields that explain themselves. */
const WITHOUT_NAME = ['detail', 'ports'];
const MOST_EVENTS = 1000;
/** Characters of an event's details. */
const MOST_DETAILS = 4000;

const entry = exact.fields({
  time: exact.time,
  event: exact.shownText,
  client: exact.orMissing(exact.shownText),
  source: exact.orMissing(exact.shownText),
  reason: exact.orMissing(exact.shownText),
});

/** Cursors of the journal, and those of the file. Nothing in one has a meaning within quotes of a shell. */
const CURSOR = /^\w[\w=,;.:@-]{0,999}$/;

export function isCursor(text: string): boolean {
  return CURSOR.test(text);
}

function cursor(value: unknown): string {
  const text = exact.text(value);
  if (!isCursor(text)) throw new exact.NotAsExpected('expected the cursor of a page');
  return text;
}

const page = exact.fields({
  events: exact.list(
    (value) => ({ ...entry(value), raw: Object(value) as Readonly<Record<string, unknown>> }),
    MOST_EVENTS,
  ),
  next: exact.orNull(cursor),
});

/** A page of the log, newest event first. */
export interface EventPage {
  readonly rows: readonly EventRow[];
  /** The events as the gate has written them. */
  readonly raw: readonly Readonly<Record<string, unknown>>[];
  /** Where the next older page begins; null after the oldest event. */
  readonly next: string | null;
}

/**
 * The place to ask for next; null at the end of the log.
 * @param before where the page began
 * @throws NotAsExpected where it is the same place: a caller that asks for page after page would ask for ever
 */
export function placeBehind(page: EventPage, before: string | null): string | null {
  if (page.next !== null && page.next === before) throw new exact.NotAsExpected('expected another page than this one');
  return page.next;
}

/** Reads the answer to `events --json`. @throws NotAsExpected */
export function readEventPage(value: unknown): EventPage {
  const { events, next } = page(value);
  return { rows: events.map(({ raw, ...known }) => rowOf(known, raw)), raw: events.map(({ raw }) => raw), next };
}

function rowOf(known: exact.ReadBy<typeof entry>, raw: Readonly<Record<string, unknown>>): EventRow {
  const { time, event, client = '', source: address = '', reason } = known;
  const rest = Object.entries(raw)
    .filter(([name]) => !IN_COLUMNS.includes(name))
    .map(([name, value]) => printable(WITHOUT_NAME.includes(name) ? inWords(value) : `${name} ${inWords(value)}`));
  const details = [...(reason === undefined ? [] : [reason]), ...rest].join(', ');
  return { time, event, client, address, details: details.slice(0, MOST_DETAILS) };
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
