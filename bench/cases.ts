import type { Load, Subject } from './subjects/subject.ts';

/** What a subject is measured under, in the order of the table. */
export const CASES = ['idle', 'flood-2k', 'flood-20k', 'flood-max', 'clients-10k', 'grants-100k'] as const;
export type CaseName = (typeof CASES)[number];

/** A flood's rate in packets a second; Infinity is all that one sender can do. */
interface Case extends Load {
  readonly flood: number | undefined;
}

/** One client, except where many are the point; a subject that needs more for its own sake makes more. */
const ALONE: Case = { clients: 1, grants: 0, flood: undefined };

const DEFINITIONS: Readonly<Record<CaseName, Case>> = {
  idle: ALONE,
  'flood-2k': { ...ALONE, flood: 2000 },
  'flood-20k': { ...ALONE, flood: 20_000 },
  'flood-max': { ...ALONE, flood: Number.POSITIVE_INFINITY },
  'clients-10k': { ...ALONE, clients: 10_000 },
  'grants-100k': { ...ALONE, grants: 100_000 },
};

/** The case of that name. */
export function caseOf(name: CaseName): Case {
  return DEFINITIONS[name];
}

/** Why a case says nothing about a subject; undefined when it does. */
export function whyNot(name: CaseName, subject: Subject): string | undefined {
  return caseOf(name).clients > 1 ? subject.whyNotMany : undefined;
}
