import type { CaseName } from './cases.ts';
import type { SubjectName } from './subjects/subject.ts';

/** Result of one case for one subject; null where there is nothing to say, and `reason` says why. */
export interface Result {
  readonly case: CaseName;
  readonly subject: SubjectName;
  /** Knocks. */
  readonly n: number | null;
  /** Those that opened the door within a second. */
  readonly succeeded: number | null;
  /** From the first packet of the knock to the connection, of those that succeeded. */
  readonly median_ms: number | null;
  readonly p95_ms: number | null;
  /** Packets a second of the flood, as its sender counts and as they arrive at the target's interface. */
  readonly sent_pps: number | null;
  readonly received_pps: number | null;
  readonly reason?: string;
}

/** A single figure beside the cases. */
export interface Figure {
  readonly figure: string;
  readonly subject: SubjectName;
  readonly value: number | null;
  readonly unit: string;
  readonly reason?: string;
}

/** One stage of the way from knock to open door, of the median knock. */
export interface Stage {
  readonly stage: string;
  readonly ms: number;
}

/** bench/results.json. */
export interface Report {
  /** Description of the machine, in general words. */
  readonly machine: string;
  /** Versions of the subjects. */
  readonly versions: string;
  readonly results: readonly Result[];
  readonly figures: readonly Figure[];
  /** Where our milliseconds go; empty when the daemon writes no trace. */
  readonly breakdown: readonly Stage[];
}

/** A result where a case does not apply. */
export function notApplicable(name: CaseName, subject: SubjectName, reason: string): Result {
  const nothing = { n: null, succeeded: null, median_ms: null, p95_ms: null, sent_pps: null, received_pps: null };
  return { case: name, subject, ...nothing, reason };
}

/** The value that this share of the values does not exceed (nearest rank); undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** The middle value, or the mean of the two in the middle; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** Rounded to hundredths: the prober looks once a millisecond. Null of nothing. */
export function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 100) / 100;
}
