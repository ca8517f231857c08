import { fieldsOf, parseJson } from '../../../src/base/loose-json.ts';

/** A line of the audit log, as it was written. */
export interface LoggedEvent {
  readonly [field: string]: unknown;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly seq: number;
  readonly event: string;
}

/** An event, and the place in the log behind which the older ones are. */
export interface Found {
  readonly event: LoggedEvent;
  readonly cursor: string;
}

/** Reads a line; undefined for lines of others. */
export function parseEvent(line: string): LoggedEvent | undefined {
  const fields = fieldsOf(parseJson(line));
  const { time, seq, event } = fields;
  if (typeof time !== 'string' || typeof seq !== 'number' || typeof event !== 'string') return undefined;
  return { ...fields, time, seq, event };
}
