import { type Head, readGateDocument, readHead, readTeam } from '../documents.ts';
import { FleetFault } from '../fault.ts';
import { parseList } from '../list.ts';
import { textHash } from '../text-hash.ts';
import { type Compiled, compile, type Hashing, headFor } from './compile.ts';
import { contradictions, endingSoon, failedTests, type PlannedGate, planInWords } from './plan.ts';
import { readPolicy } from './read-policy.ts';

/** A head that somebody asks another person to sign, with everything that it names. */
export interface OfferedHead {
  readonly text: string;
  /** Texts of lists, gates and teams, in any order. */
  readonly documents: readonly string[];
}

export interface Reviewer {
  readonly policyText: string;
  readonly org: string;
  readonly hashing: Hashing;
  /** Gates as this person last verified them. */
  readonly before: readonly PlannedGate[];
  /** Unix seconds. */
  readonly now: number;
}

/** Everything that a person should know who signs. */
export interface Review {
  readonly head: Head;
  readonly compiled: Compiled;
  /** Changes since the head that this person last verified. */
  readonly plan: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Compiles the policy once more, and compares: who signs need not trust who compiled.
 * @throws FleetFault `head-not-of-policy`, which names each device that differs; those of reading
 */
export function reviewHead(offered: OfferedHead, { policyText, org, hashing, before, now }: Reviewer): Review {
  const head = readHead(offered.text);
  const name = `head/${head.number}`;
  if (head.org !== org) throw new FleetFault('org-other', name, 'it is of another organization');
  const policy = readPolicy(policyText);
  const compiled = compile(policy, org, hashing);
  const { number, issued, expires, root, folded } = head;
  const expected = headFor(compiled, { org, number, issued, expires, root, folded, policyText }, hashing);
  if (expected !== offered.text)
    throw new FleetFault('head-not-of-policy', name, differenceInWords(head, offered.documents, compiled, hashing));
  const failed = failedTests(policy.tests, compiled.gates);
  if (failed.length > 0) throw new FleetFault('head-not-of-policy', name, failed.join('; '));
  const plan = planInWords(before, compiled.gates);
  return { head, compiled, plan, warnings: [...contradictions(compiled.gates), ...endingSoon(compiled.gates, now)] };
}

function differenceInWords(head: Head, documents: readonly string[], { gates }: Compiled, { sha256 }: Hashing): string {
  const byHash = new Map(documents.map((text) => [textHash(text, sha256), text]));
  const find = (hash: string): string => {
    const text = byHash.get(hash);
    if (text === undefined) throw new FleetFault('hash-differs', `head/${head.number}`, `${hash} is missing`);
    return text;
  };
  const listed = head.lists.flatMap(({ hash }) => parseList(find(hash)));
  const offered = listed.map(({ hash, id }) => {
    const gate = readGateDocument(find(hash), `gate/${id}`);
    const teams = gate.teams.map((team) => ({ team: readTeam(find(team.hash), `team/${team.id}`) }));
    return { gate, teams };
  });
  const lines = planInWords(gates, offered);
  if (lines.length === 0) return 'the policy gives another one, whose devices have the same rights';
  return `it differs from the policy: ${lines.join('; ')}`;
}
