import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FleetFault } from '../../../src/fleet/fault.ts';
import { type Compiled, compile, headFor } from '../../../src/fleet/policy/compile.ts';
import { readPolicy } from '../../../src/fleet/policy/read-policy.ts';
import { reviewHead } from '../../../src/fleet/policy/review.ts';
import { ISSUED, YEAR } from '../../rig/fleet-org.ts';
import { BEN, HASHING, keyOf, POLICY, WITHOUT_BEN } from '../../rig/fleet-policy.ts';

const ORG = createHash('sha256').update('org').digest('hex');
/** Less than 60 days before the end of ben's rights. */
const NOW = ISSUED + 30 * 86_400;
const compiledOf = (policy: string): Compiled => compile(readPolicy(policy), ORG, HASHING);

/** A head with what one policy gives, which names another policy. */
function offer(policy: string, named = policy) {
  const compiled = compiledOf(policy);
  const facts = { org: ORG, number: 2, issued: ISSUED, expires: ISSUED + YEAR, root: 1, folded: [] };
  const text = headFor(compiled, { ...facts, policyText: named }, HASHING);
  const parts = compiled.gates.flatMap((gate) => [gate.text, ...gate.teams.map((team) => team.text)]);
  return { text, documents: [...compiled.lists, ...parts] };
}

const review = (offered: ReturnType<typeof offer>, policyText = POLICY, before = WITHOUT_BEN) =>
  reviewHead(offered, { policyText, org: ORG, hashing: HASHING, before: compiledOf(before).gates, now: NOW });

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FleetFault) return `${error.alarm.code}: ${error.alarm.why}`;
    throw error;
  }
  return 'not refused';
}

describe('a second signer', () => {
  it('sees what changes since the head that this person last verified', () => {
    const { head, plan, warnings } = review(offer(POLICY));
    expect(head.number).toBe(2);
    expect(plan).toHaveLength(1);
    expect(plan[0]).toContain('web1: ben/laptop gets in');
    expect(warnings).toEqual(['ben/laptop: its rights end with 2027-03-31']);
    expect(review(offer(POLICY), POLICY, POLICY).plan).toEqual([]);
  });

  it('is warned of rules that contradict one another', () => {
    const twice = `${POLICY}\n[[rules]]\nteam = "admins"\ngates = ["web1"]\nlongest = 60\n`;
    expect(review(offer(twice), twice).warnings[0]).toBe(
      'web1: ben/laptop: two rules differ for it: the one of team admins counts',
    );
  });

  it('refuses a head with one device more than the policy says, and names the device', () => {
    const more = POLICY.replace(BEN, `${BEN}tablet = { key = "${keyOf('tablet')}", until = "2027-03-31" }\n`);
    const refusal = refusalOf(() => review(offer(more, POLICY)));
    expect(refusal).toMatch(/^head-not-of-policy: it differs from the policy: web1: ben\/tablet gets in: /);
    expect(refusal).not.toContain('anna');
  });

  it('refuses a head with another key for a device, fewer devices, or another policy', () => {
    const swapped = POLICY.replace(keyOf('ben'), keyOf('eve'));
    expect(refusalOf(() => review(offer(swapped, POLICY)))).toContain('web1: ben/laptop has another key');
    expect(refusalOf(() => review(offer(WITHOUT_BEN, POLICY)))).toContain('web1: ben/laptop no longer gets in');
    expect(refusalOf(() => review(offer(POLICY, `${POLICY}\n`)))).toBe(
      'head-not-of-policy: the policy gives another one, whose devices have the same rights',
    );
  });

  it('refuses what cannot be read whole', () => {
    const { text, documents } = offer(WITHOUT_BEN, POLICY);
    expect(refusalOf(() => review({ text, documents: documents.slice(1) }))).toContain('hash-differs: ');
    const { head } = review(offer(POLICY));
    const other = JSON.stringify({ ...head, org: 'f'.repeat(64) });
    expect(refusalOf(() => review({ text: `${other}\n`, documents }))).toContain('org-other: ');
  });

  it('refuses a policy whose tests fail', () => {
    const tested = `${POLICY}\n[[tests]]\ndevice = "ben/laptop"\ngate = "web2"\nopens = true\n`;
    expect(refusalOf(() => review(offer(tested), tested))).toBe(
      'head-not-of-policy: web2: ben/laptop would not get in, and a test says otherwise',
    );
  });
});
