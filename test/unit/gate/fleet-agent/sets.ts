import { createHash } from 'node:crypto';
import type { Device } from '../../../../src/fleet/documents.ts';
import type { Parcel } from '../../../../src/fleet/parcel.ts';
import type { Taker } from '../../../../src/fleet/take.ts';
import { nodeVerifier } from '../../../../src/fleet/verify-node.ts';
import { ISSUED, ruleFor, type TestGate, TestOrg, TestSigner, YEAR } from '../../../rig/fleet-org.ts';

const keyOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const device = (person: string): Device => ({
  key: keyOf(`${person}/laptop`),
  person,
  device: 'laptop',
  until: ISSUED + YEAR,
});
const gate = (id: string, ...people: string[]): TestGate => ({
  id,
  key: keyOf(`gate ${id}`),
  rules: [ruleFor('ops')],
  breakGlass: ['ana/laptop'],
  teams: { 'break-glass': [device('ana')], ops: people.map(device) },
});
const [ana, ben, cy, untouched, mallory] = [
  new TestSigner('ana'),
  new TestSigner('ben'),
  new TestSigner('cy', 1),
  new TestSigner('cy', 0),
  new TestSigner('mallory'),
];
const policy = { threshold: 2, people: ['ana', 'ben', 'cy'] };
const newOrg = () => new TestOrg([ana, ben, cy], { policy });
/** Organization in which two of ana, ben and cy sign. */
const ORG = newOrg();

const headOf = (org: TestOrg, number: number, signers: TestSigner[], ...people: string[]) =>
  org.head([gate('web1', ...people), gate('web2', 'zoe')], { number }, signers);
const of = (...args: Parameters<typeof headOf>): Parcel => headOf(...args).parcelFor('web1');

/** Sets of the organization that the gate is offered: an older one, with eve in it, the one in force, and the next. */
export const older = of(ORG, 1, [ana, ben], 'eve');
export const present = of(ORG, 2, [ana, ben], 'ben');
/** Offer to the other gate, and the only person whom that one lets in beside ana. */
export const ofOtherGate = headOf(ORG, 2, [ana, ben], 'ben').parcelFor('web2');
export const OTHER_GATES_PERSON = { id: 'zoe', key: device('zoe').key };
export const next = of(ORG, 3, [ana, ben], 'cy');
export const revocationOfBen = ORG.revocation(ana, 1, 'person', 'ben');

const bad = (signers: TestSigner[]) => of(ORG, 3, signers, 'eve');
const unsigned = bad([]);
const renewed = newOrg();
renewed.next({}, [ana, ben, cy]);

/** Sets that a hostile store may have from others, by the names of their folders. */
export const COLLECTED: Readonly<Record<string, Parcel>> = {
  next,
  rival: of(ORG, 2, [ana, ben], 'eve'),
  half: bad([ana]),
  untouched: bad([ana, untouched]),
  git: {
    ...unsigned,
    head: { ...unsigned.head, signatures: [ana, ben].map((signer) => signer.sign(unsigned.head.text, 'git')) },
  },
  stranger: of(new TestOrg([mallory]), 2, [mallory], 'eve'),
  renewed: of(renewed, 3, [ana, ben], 'cy'),
};

export const TAKER: Taker = {
  verifier: nodeVerifier,
  org: ORG.org,
  gateId: 'web1',
  gateKeys: [keyOf('gate web1')],
  now: ISSUED,
};
