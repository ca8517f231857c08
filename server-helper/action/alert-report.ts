import { fieldsOf, parseJson } from '../../src/base/loose-json.ts';
import { oneLine } from '../../src/base/printable.ts';
import { ALERT_EVENTS, type AlertEvent } from '../config/alert-config.ts';
import { isName } from './request.ts';

/** Entries of one event that a report has in full; the others are counted. */
export const MOST_ENTRIES = 5;
/** Characters of a text in a report. */
const MOST_CHARACTERS = 300;
/** Texts of a list, such as the ports of a grant. */
const MOST_TEXTS = 20;
/** Characters of the longest line that the unit reads: more than the longest report has. */
export const LONGEST_REPORT = 262_144;

type Value = string | number | readonly string[];
/** An entry of the audit log with its time, every text on one line and printable. */
export type ReportedEntry = Readonly<Record<string, Value>>;

/** How often an event happened, and when: ISO 8601, UTC. */
export interface ReportedEvent {
  readonly event: AlertEvent;
  readonly count: number;
  readonly first: string;
  readonly last: string;
  /** The first ones. */
  readonly entries: readonly ReportedEntry[];
}

/** Everything that one run of an alert tells. */
export interface AlertReport {
  /** Name of the alert in gate.toml. */
  readonly alert: string;
  readonly events: readonly ReportedEvent[];
}

/** Fields of a value that a report may have; others are left out. */
export function reportedEntry(value: unknown): ReportedEntry {
  const entry: Record<string, Value> = {};
  for (const [key, found] of Object.entries(fieldsOf(value))) {
    if (!/^[a-z_]{1,20}$/.test(key)) continue;
    if (typeof found === 'string') entry[key] = oneLine(found, MOST_CHARACTERS);
    else if (typeof found === 'number' && Number.isFinite(found)) entry[key] = found;
    else if (Array.isArray(found) && found.every((each) => typeof each === 'string'))
      entry[key] = found.slice(0, MOST_TEXTS).map((each) => oneLine(each, MOST_CHARACTERS));
  }
  return entry;
}

/** `knockgate1 alert NAME JSON` */
export function formatReport({ alert, events }: AlertReport): string {
  return `knockgate1 alert ${alert} ${JSON.stringify(events)}\n`;
}

/** Reads a report strictly, and makes its texts printable again: the daemon is not trusted. Undefined for anything else. */
export function parseReport(line: string): AlertReport | undefined {
  const [, alert = '', json = ''] = /^knockgate1 alert (\S+) (.*)$/.exec(line) ?? [];
  const events = parseEvents(parseJson(json));
  return isName(alert) && events !== undefined && events.length > 0 ? { alert, events } : undefined;
}

/** Undefined when one of them is not an event, or there are two of a kind. */
export function parseEvents(value: unknown): readonly ReportedEvent[] | undefined {
  if (!Array.isArray(value) || value.length > ALERT_EVENTS.length) return undefined;
  const events = value.map(parseEvent);
  const sound = events.filter((each) => each !== undefined);
  const isWhole = sound.length === events.length && new Set(sound.map(({ event }) => event)).size === sound.length;
  return isWhole ? sound : undefined;
}

function parseEvent(value: unknown): ReportedEvent | undefined {
  const { event: name, count, first, last, entries } = fieldsOf(value);
  const event = ALERT_EVENTS.find((each) => each === name);
  if (event === undefined || !isTime(first) || !isTime(last)) return undefined;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1) return undefined;
  if (!Array.isArray(entries) || entries.length > MOST_ENTRIES) return undefined;
  return { event, count, first, last, entries: entries.map(reportedEntry) };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}
