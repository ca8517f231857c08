import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clientsOf } from '../../../src/fleet/clients.ts';
import { takeSet } from '../../../src/fleet/take.ts';
import { nodeVerifier } from '../../../src/fleet/verify-node.ts';
import { ISSUED } from '../../rig/fleet-org.ts';
import { GATE_ID, GATE_KEY, type Offer, offers } from './offers.ts';

const READER = fileURLToPath(new URL('./reader.py', import.meta.url));

/** Verdict of our own code. */
function judged({ name, org, present, offered }: Offer) {
  const taker = { verifier: nodeVerifier, org, gateId: GATE_ID, gateKeys: [GATE_KEY], now: ISSUED };
  const before = present === null ? undefined : takeSet(taker, undefined, present).set;
  if (present !== null && before === undefined) throw new Error(`${name}: the present set is refused`);
  const { set, isRefused } = takeSet(taker, before, offered);
  const clients = set === undefined ? [] : clientsOf(set, GATE_ID).clients.map((client) => client.name);
  return { name, isRefused, clients: [...clients].sort() };
}

const inWords = ({ name, isRefused, clients }: ReturnType<typeof judged>): string =>
  `${name}: ${isRefused ? 'refused' : 'taken'}, ${clients.map((client) => client.replace('/laptop', '')).join(' ')}`;

// ssh-keygen runs a hundred times.
describe('a reader that shares no code with ours', { timeout: 60_000 }, () => {
  it('takes and refuses the same offers, and lets in the same devices', () => {
    const all = offers();
    const ours = all.map(judged);
    const input = JSON.stringify({ gateId: GATE_ID, gateKey: GATE_KEY, offers: all });
    const theirs: unknown = JSON.parse(execFileSync('python3', [READER], { input, encoding: 'utf8' }));
    expect(theirs).toEqual(ours);
    expect(ours.map(inWords)).toMatchInlineSnapshot(`
      [
        "the first set: taken, ana ben",
        "the same set again: taken, ana ben",
        "a later head: taken, ana mallory",
        "a later head by a hardware key with a touch: taken, ana cy",
        "a hardware key without a touch: refused, ana ben",
        "two of three signatures: taken, ana cy",
        "one of two signatures: refused, ana ben",
        "one key counted twice: refused, ana ben",
        "a head by a stranger: refused, ana ben",
        "a good signature beside one by a stranger: taken, ana cy",
        "another head of the same number: refused, ana ben",
        "an older head: refused, ana cy",
        "the head of another organization: refused, ana ben",
        "everything of another organization: refused, ana ben",
        "the list of an older head: refused, ana ben",
        "the gate document of an older head: refused, ana ben",
        "a head before its gate document: refused, ana ben",
        "a team left out: refused, ana ben",
        "a changed team: refused, ana ben",
        "a signature for git: refused, ana ben",
        "a duplicate key: refused, ana ben",
        "an unknown key: refused, ana ben",
        "a space: refused, ana ben",
        "no line end: refused, ana ben",
        "a number that JSON rounds: refused, ana ben",
        "the greatest number: taken, ana cy",
        "a list without this gate: taken, ana",
        "a head that was issued after its root expired: refused, ana ben",
        "a revoked person: taken, ana",
        "a revoked device: taken, ana",
        "a revoked person with break-glass: taken, ana ben",
        "a revoked gate: taken, ana",
        "a forged revocation: taken, ana ben",
        "a gap and a fork of revocations: taken, ana",
        "a revocation with a refused head: refused, ana",
        "a pardon: taken, ana ben",
        "a head by a revoked signer: refused, ana ben",
        "more revocations than the cap: taken, ana dan",
        "a new root with its head: taken, ana cy",
        "a new root after numbers were driven up: taken, ana cy",
        "a new root whose new people have not signed it: refused, ana ben",
        "a new root by its own people alone: refused, ana ben",
        "a root with a key of two people: refused, ana ben",
        "a root that skips a number: refused, ana ben",
        "a root without its head: refused, ana ben",
      ]
    `);
  });
});
