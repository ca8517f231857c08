import type { Load, Subject } from './subjects/subject.ts';

/** Conditions that a subject is measured under, in the order of the table. */
export const CASES = ['idle', 'flood-2k', 'flood-20k', 'flood-max', 'clients-10k', 'grants-100k', 'no-daemon'] as const;
export type CaseName = (typeof CASES)[number];

/** A load, and what else is done to the subject. */
interface Case extends Omit<Load, 'knocks'> {
  /** A flood's rate in packets a second; Infinity is all that one sender can do. */
  readonly flood?: number;
  /** All its processes are killed before the first knock that counts. */
  readonly killed?: true;
}

/** One client, except where many are the point; a subject that needs more for its own sake makes more. */
const ALONE: Case = { clients: 1, grants: 0 };

const DEFINITIONS: Readonly<Record<CaseName, Case>> = {
  idle: ALONE,
  'flood-2k': { ...ALONE, flood: 2000 },
  'flood-20k': { ...ALONE, flood: 20_000 },
  'flood-max': { ...ALONE, flood: Number.POSITIVE_INFINITY },
  'clients-10k': { ...ALONE, clients: 10_000 },
  'grants-100k': { ...ALONE, grants: 100_000 },
  'no-daemon': { ...ALONE, killed: true },
};

/** The case of that name. */
export function caseOf(name: CaseName): Case {
  return DEFINITIONS[name];
}

/** Reason why a case says nothing about a subject; undefined when it does. */
export function whyNot(name: CaseName, subject: Subject): string | undefined {
  return caseOf(name).clients > 1 ? subject.whyNotMany : undefined;
}
