import type { Chain } from './chain.ts';

/** One line of the audit log, knockgated(8). Absent fields are left out. */
export interface AuditEntry {
  /** Name of the event: `granted`, `refused`, `armed`, … */
  readonly event: string;
  readonly client?: string;
  /** Address that the packet came from. */
  readonly source?: string;
  /** One of protocol.md's audit reasons, or a cause. */
  readonly reason?: string;
  /** Detail of the reason: the rule of `denied`, the text of an error. Never a secret. */
  readonly detail?: string;
  readonly ports?: readonly string[];
  /** Names of the forwards by which ports lead on. */
  readonly forwards?: readonly string[];
  /** Name of an action of gate.toml. */
  readonly action?: string;
  readonly seconds?: number;
  readonly skew_ms?: number;
  /** Number of more entries like this one in the last `seconds`: repeated refusals. */
  readonly count?: number;
}

export type Audit = (entry: AuditEntry) => void;

/** Work on each line of the log, beside writing it. */
export interface Linked {
  /** Numbers the lines, and ties each to the one before. */
  readonly chain?: Chain;
  /** Counts the entry; `now` is the time of its line in unix milliseconds. */
  readonly count?: (entry: AuditEntry, now: number) => void;
}

/**
 * Writes each entry as one JSON object a line, `time` first (ISO 8601, UTC, milliseconds).
 * @param now unix milliseconds
 */
export function auditTo(write: (line: string) => void, now: () => number, { chain, count }: Linked = {}): Audit {
  return (entry) => {
    const at = now();
    const time = new Date(at).toISOString();
    count?.(entry, at);
    write(`${chain?.line(time, entry) ?? JSON.stringify({ time, ...entry })}\n`);
  };
}
