import { createHash } from 'node:crypto';
import { toBase64Url } from '../../../src/base/bytes.ts';
import type { Device } from '../../../src/fleet/documents.ts';
import type { Parcel } from '../../../src/fleet/parcel.ts';
import { ISSUED, ruleFor, type TestGate, TestOrg, TestSigner, YEAR } from '../../rig/fleet-org.ts';

const keyOf = (text: string): string => toBase64Url(createHash('sha256').update(text).digest());
const device = (person: string): Device => ({
  key: keyOf(`${person}/laptop`),
  person,
  device: 'laptop',
  until: ISSUED + YEAR,
});
const [ana, ben, cy, mallory] = [
  new TestSigner('ana'),
  new TestSigner('ben'),
  new TestSigner('cy', 1),
  new TestSigner('mallory'),
];
const untouched = new TestSigner('cy', 0);
export const GATE_ID = 'web1';
export const GATE_KEY = keyOf('gate');
const web1 = (...people: string[]): TestGate => ({
  id: 'web1',
  key: GATE_KEY,
  rules: [ruleFor('ops', { ports: ['tcp/22'] })],
  breakGlass: ['ana/laptop'],
  teams: { 'break-glass': [device('ana')], ops: people.map(device) },
});
const role = (threshold: number, ...people: string[]) => ({ threshold, people });

const org = () => new TestOrg([ana, ben, cy], { policy: role(1, 'ana', 'ben', 'cy') });
const two = () => new TestOrg([ana, ben, cy], { policy: role(2, 'ana', 'ben', 'cy') });
const stranger = () => new TestOrg([mallory]);
const first = (of: TestOrg) => of.head([web1('ana', 'ben')], {}, [ana, ben]).parcelFor('web1');
const offer = (of: TestOrg, number: number, signers: TestSigner[], ...people: string[]) =>
  of.head([web1(...people)], { number }, signers).parcelFor('web1');
const withHead = (parcel: Parcel, change: (text: string) => string, signer = ana): Parcel => {
  const text = change(parcel.head.text);
  return { ...parcel, head: { text, signatures: [signer.sign(text, 'knockgate-head')] } };
};

/** Something that a gate is offered, and what it has. */
export interface Offer {
  readonly name: string;
  readonly org: string;
  readonly present: Parcel | null;
  readonly offered: Parcel;
}

function vectorOf(name: string, of: TestOrg, offered: Parcel, present: Parcel | null = first(of)): Offer {
  return { name, org: of.org, present, offered };
}

/** Offers to the gate `web1`, good and bad. */
export function offers(): Offer[] {
  const a = org();
  const b = two();
  const second = offer(a, 2, [ana], 'ana', 'mallory');
  const oneName = (text: string) => text.replace('"mallory"', '"ben"');
  const vectors = [
    vectorOf('the first set', a, first(a), null),
    vectorOf('the same set again', a, first(a)),
    vectorOf('a later head', a, second),
    vectorOf('a later head by a hardware key with a touch', a, offer(a, 2, [cy], 'cy')),
    vectorOf('a hardware key without a touch', a, offer(a, 2, [untouched], 'cy')),
    vectorOf('two of three signatures', b, offer(b, 2, [ana, cy], 'cy')),
    vectorOf('one of two signatures', b, offer(b, 2, [ana], 'cy')),
    vectorOf('one key counted twice', b, offer(b, 2, [ana, ana], 'cy')),
    vectorOf('a head by a stranger', a, offer(a, 2, [mallory], 'mallory')),
    vectorOf('a good signature beside one by a stranger', a, offer(a, 2, [mallory, ben], 'cy')),
    vectorOf('another head of the same number', a, offer(a, 1, [ana], 'cy')),
    vectorOf('an older head', a, first(a), offer(a, 2, [ana], 'cy')),
    vectorOf('the head of another organization', a, { ...offer(stranger(), 2, [mallory], 'mallory'), roots: [] }),
    vectorOf('everything of another organization', a, offer(stranger(), 2, [mallory], 'mallory')),
    vectorOf('the list of an older head', a, { ...second, list: first(a).list }),
    vectorOf('the gate document of an older head', a, { ...second, gate: first(a).gate, teams: first(a).teams }),
    vectorOf('a head before its gate document', a, { ...second, gate: '' }),
    vectorOf('a team left out', a, { ...second, teams: second.teams.slice(1) }),
    vectorOf('a changed team', a, { ...second, teams: second.teams.map(oneName) }),
    vectorOf('a signature for git', a, {
      ...second,
      head: { ...second.head, signatures: [ana.sign(second.head.text, 'git')] },
    }),
    vectorOf(
      'a duplicate key',
      a,
      withHead(second, (text) => text.replace('"number":2', '"number":2,"number":2')),
    ),
    vectorOf(
      'an unknown key',
      a,
      withHead(second, (text) => text.replace('"number":2', '"number":2,"more":2')),
    ),
    vectorOf(
      'a space',
      a,
      withHead(second, (text) => text.replace(',', ', ')),
    ),
    vectorOf(
      'no line end',
      a,
      withHead(second, (text) => text.trimEnd()),
    ),
    vectorOf(
      'a number that JSON rounds',
      a,
      withHead(second, (text) => text.replace('"number":2', '"number":9007199254740993')),
    ),
    vectorOf('the greatest number', a, offer(a, Number.MAX_SAFE_INTEGER, [ana], 'cy')),
    vectorOf(
      'a list without this gate',
      a,
      a.head([{ ...web1('ben'), id: 'web2' }], { number: 2 }, [ana]).parcelFor('web1'),
    ),
    vectorOf(
      'a head that was issued after its root expired',
      a,
      a.head([web1('cy')], { number: 2, issued: ISSUED + 2 * YEAR }, [ana]).parcelFor('web1'),
    ),
    vectorOf('a revoked person', a, { ...first(a), revs: [a.revocation(ben, 1, 'person', 'ben')] }),
    vectorOf('a revoked device', a, { ...first(a), revs: [a.revocation(ben, 1, 'device', 'ben/laptop')] }),
    vectorOf('a revoked person with break-glass', a, { ...first(a), revs: [a.revocation(ben, 1, 'person', 'ana')] }),
    vectorOf('a revoked gate', a, { ...first(a), revs: [a.revocation(ben, 1, 'gate', 'web1')] }),
    vectorOf('a forged revocation', a, { ...first(a), revs: [a.revocation(mallory, 1, 'person', 'ben')] }),
    vectorOf('a gap and a fork of revocations', a, {
      ...first(a),
      revs: [a.revocation(ben, 3, 'person', 'ben'), a.revocation(ben, 3, 'person', 'cy')],
    }),
    vectorOf('a revocation with a refused head', a, {
      ...offer(a, 2, [mallory], 'mallory'),
      revs: [a.revocation(ana, 1, 'person', 'ben')],
    }),
    vectorOf('a pardon', a, {
      ...a.head([web1('ana', 'ben')], { number: 2, folded: [{ key: ben.keyId, number: 1 }] }, [ana]).parcelFor('web1'),
      revs: [a.revocation(ben, 1, 'person', 'ben')],
    }),
    vectorOf('a head by a revoked signer', a, {
      ...offer(a, 2, [ben], 'mallory'),
      revs: [a.revocation(ana, 1, 'signer', 'ben')],
    }),
    vectorOf('more revocations than the cap', capped, cappedOffer()),
  ];
  return [...vectors, ...ofRoots()];
}

const capped = new TestOrg([ana, ben], { cap: 2 });
function cappedOffer(): Parcel {
  const names = ['ben', 'cy', 'dan'];
  const parcel = capped.head([web1('ana', ...names)], { number: 2 }, [ana]).parcelFor('web1');
  return { ...parcel, revs: names.map((name, i) => capped.revocation(ben, i + 1, 'person', name)) };
}

/** Roots of their own organizations, since they add to them. */
function ofRoots(): Offer[] {
  const taken = (
    more: object,
    signers: TestSigner[],
    headSigners: TestSigner[],
  ): Offer['offered'] & { of: TestOrg } => {
    const of = org();
    of.next(more, signers);
    return { of, ...offer(of, 1, headSigners, 'cy') };
  };
  const by = (signer: TestSigner) => ({
    people: [{ id: signer.id, keys: [signer.keyText] }],
    root: role(1, signer.id),
    policy: role(1, signer.id),
    revoke: [signer.id],
  });
  const vector = (name: string, { of, ...offered }: Parcel & { of: TestOrg }, present?: Parcel) =>
    vectorOf(name, of, offered, present ?? first(org()));
  const far = offer(org(), Number.MAX_SAFE_INTEGER, [ben], 'mallory');
  const withoutHead = org();
  const old = offer(withoutHead, 2, [ana], 'cy');
  withoutHead.next({}, [ana]);
  const sharedKey = [
    { id: 'ana', keys: [ana.keyText] },
    { id: 'zoe', keys: [ana.keyText] },
  ];
  return [
    vector('a new root with its head', taken(by(ana), [ana], [ana])),
    vector('a new root after numbers were driven up', taken(by(ana), [ana], [ana]), far),
    vector('a new root whose new people have not signed it', taken(by(mallory), [ana], [mallory])),
    vector('a new root by its own people alone', taken(by(mallory), [mallory], [mallory])),
    vector(
      'a root with a key of two people',
      taken({ people: sharedKey, root: role(1, 'ana'), policy: role(2, 'ana', 'zoe'), revoke: ['ana'] }, [ana], [ana]),
    ),
    vector('a root that skips a number', taken({ number: 3 }, [ana], [ana])),
    vectorOf('a root without its head', withoutHead, { ...old, roots: withoutHead.roots }, first(org())),
  ];
}
