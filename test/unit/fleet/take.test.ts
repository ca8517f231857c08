import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.ts';
import { clientsOf } from '../../../src/fleet/clients.ts';
import type { Device } from '../../../src/fleet/documents.ts';
import { formatParcel, type Parcel, parseParcel } from '../../../src/fleet/parcel.ts';
import { parcelOf, restoreSet, type TakenSet, type Taking, takeSet } from '../../../src/fleet/take.ts';
import { nodeVerifier } from '../../../src/fleet/verify-node.ts';
import { ISSUED, ruleFor, type TestGate, TestOrg, TestSigner, YEAR } from '../../rig/fleet-org.ts';

const keyOf = (text: string): string => toBase64Url(createHash('sha256').update(text).digest());
const device = (person: string, name = 'laptop', until = ISSUED + YEAR): Device => {
  return { key: keyOf(`${person}/${name}`), person, device: name, until };
};

const [ana, ben, mallory] = ['ana', 'ben', 'mallory'].map((id) => new TestSigner(id)) as [
  TestSigner,
  TestSigner,
  TestSigner,
];
const GATE_KEY = keyOf('gate');
const web1 = (people: readonly string[], more: Partial<TestGate> = {}): TestGate => ({
  id: 'web1',
  key: GATE_KEY,
  rules: [ruleFor('ops')],
  breakGlass: ['ana/laptop'],
  teams: { 'break-glass': [device('ana')], ops: people.map((person) => device(person)) },
  ...more,
});
const taker = (org: string, now = ISSUED) => ({
  verifier: nodeVerifier,
  org,
  gateId: 'web1',
  gateKeys: [GATE_KEY],
  now,
});

const codes = ({ alarms }: Pick<Taking, 'alarms'>): string[] => alarms.map(({ code }) => code);
const namesIn = (set: TakenSet | undefined): string[] =>
  set === undefined ? [] : clientsOf(set, 'web1').clients.map(({ name }) => name);

function taken(org: TestOrg, parcel: Parcel, present?: TakenSet): TakenSet {
  const { set, alarms, isRefused } = takeSet(taker(org.org), present, parcel);
  if (set === undefined || isRefused) throw new Error(JSON.stringify(alarms));
  return set;
}

const org = new TestOrg([ana, ben]);
const first = org.head([web1(['ana', 'ben'])], {}, [ana]).parcelFor('web1');
const inForce = taken(org, first);

describe('takeSet', () => {
  it('takes a set and lets its devices in', () => {
    expect(namesIn(inForce)).toEqual(['ana/laptop', 'ben/laptop']);
  });

  it('reads again what it has written down', () => {
    const again = restoreSet(taker(org.org), parseParcel(formatParcel(parcelOf(inForce))), undefined);
    expect(namesIn(again)).toEqual(['ana/laptop', 'ben/laptop']);
  });

  it('takes a later head, and no earlier one', () => {
    const second = org.head([web1(['ana', 'cy'])], { number: 2 }, [ben]).parcelFor('web1');
    const set = taken(org, second, inForce);
    expect(namesIn(set)).toEqual(['ana/laptop', 'cy/laptop']);
    const back = takeSet(taker(org.org), set, first);
    expect(codes(back)).toEqual(['head-rolled-back']);
    expect(namesIn(back.set)).toEqual(['ana/laptop', 'cy/laptop']);
  });

  it('follows a new root with its first head, whose number may be small', () => {
    const another = new TestOrg([ana, ben]);
    const far = taken(
      another,
      another.head([web1(['ana', 'ben'])], { number: Number.MAX_SAFE_INTEGER }, [ben]).parcelFor('web1'),
    );
    another.next(
      {
        people: [{ id: 'ana', keys: [ana.keyText] }],
        root: { threshold: 1, people: ['ana'] },
        policy: { threshold: 1, people: ['ana'] },
        revoke: ['ana'],
      },
      [ana],
    );
    const set = taken(another, another.head([web1(['ana'])], { number: 1 }, [ana]).parcelFor('web1'), far);
    expect(namesIn(set)).toEqual(['ana/laptop']);
  });

  const second = org.head([web1(['ana', 'mallory'])], { number: 2 }, [ana]).parcelFor('web1');
  const stranger = new TestOrg([mallory]);
  const twoOfTwo = { policy: { threshold: 2, people: ['ana', 'ben'] } };
  const both = new TestOrg([ana, ben], twoOfTwo);
  const bothFirst = taken(both, both.head([web1(['ana'])], {}, [ana, ben]).parcelFor('web1'));
  const changed = (text: string, from: string, to: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  const cases: [why: string, of: TestOrg, present: TakenSet, offered: () => Parcel, code: string][] = [
    [
      'a head by a stranger',
      org,
      inForce,
      () => org.head([web1(['mallory'])], { number: 2 }, [mallory]).parcelFor('web1'),
      'quorum-missing',
    ],
    [
      'another head of the same number',
      org,
      inForce,
      () => org.head([web1(['cy'])], {}, [ana]).parcelFor('web1'),
      'head-forked',
    ],
    [
      'one of two signatures',
      both,
      bothFirst,
      () => both.head([web1(['cy'])], { number: 2 }, [ana]).parcelFor('web1'),
      'quorum-missing',
    ],
    [
      'one key counted twice',
      both,
      bothFirst,
      () => both.head([web1(['cy'])], { number: 2 }, [ana, ana]).parcelFor('web1'),
      'quorum-missing',
    ],
    [
      'the head of another organization',
      org,
      inForce,
      () => ({ ...stranger.head([web1(['mallory'])], { number: 2 }, [mallory]).parcelFor('web1'), roots: [] }),
      'org-other',
    ],
    [
      'the root of another organization',
      org,
      inForce,
      () => stranger.head([web1(['mallory'])], { number: 2 }, [mallory]).parcelFor('web1'),
      'root-forked',
    ],
    ['a list of another head', org, inForce, () => ({ ...second, list: first.list }), 'hash-differs'],
    ['a head before its files', org, inForce, () => ({ ...second, gate: '' }), 'gate-missing'],
    [
      'a gate document of an older head',
      org,
      inForce,
      () => ({ ...second, gate: first.gate, teams: first.teams }),
      'hash-differs',
    ],
    ['a team left out', org, inForce, () => ({ ...second, teams: second.teams.slice(1) }), 'team-missing'],
    [
      'a changed team',
      org,
      inForce,
      () => ({ ...second, teams: second.teams.map((text) => text.replace('"mallory"', '"ben"')) }),
      'team-missing',
    ],
    [
      'a signature for another purpose',
      org,
      inForce,
      () => ({ ...second, head: { text: second.head.text, signatures: [ana.sign(second.head.text, 'git')] } }),
      'quorum-missing',
    ],
    [
      'a duplicate key',
      org,
      inForce,
      () => ({
        ...second,
        head: { text: changed(second.head.text, '"number":2', '"number":2,"number":2'), signatures: [] },
      }),
      'document-invalid',
    ],
    [
      'an unknown key',
      org,
      inForce,
      () => ({
        ...second,
        head: { text: changed(second.head.text, '"number":2', '"number":2,"more":2'), signatures: [] },
      }),
      'document-invalid',
    ],
  ];
  it.each(cases)('keeps the present set, whole, when it is offered %s', (_, of, present, offered, code) => {
    const taking = takeSet(taker(of.org), present, offered());
    expect(codes(taking)).toEqual([code]);
    expect(taking.isRefused).toBe(true);
    expect(taking.set?.head).toEqual(present.head);
    expect(namesIn(taking.set)).toEqual(namesIn(present));
  });

  it('refuses a root without its head, and a root by its own people alone', () => {
    const of = new TestOrg([ana, ben]);
    const present = taken(of, of.head([web1(['ana'])], {}, [ana]).parcelFor('web1'));
    const old = of.head([web1(['cy'])], { number: 2 }, [ana]).parcelFor('web1');
    of.next({}, [ana]);
    expect(codes(takeSet(taker(of.org), present, { ...old, roots: of.roots }))).toEqual(['head-of-other-root']);
    of.roots.pop();
    of.next(
      {
        number: 2,
        people: [{ id: 'mallory', keys: [mallory.keyText] }],
        root: { threshold: 1, people: ['mallory'] },
        policy: { threshold: 1, people: ['mallory'] },
        revoke: ['mallory'],
      },
      [mallory],
    );
    expect(
      codes(takeSet(taker(of.org), present, of.head([web1(['mallory'])], { number: 9 }, [mallory]).parcelFor('web1'))),
    ).toEqual(['quorum-missing']);
  });

  it('keeps the break-glass devices of its last set when the list no longer holds it', () => {
    const gone = org.head([{ ...web1(['ana']), id: 'web2' }], { number: 2 }, [ana]).parcelFor('web1');
    const set = taken(org, gone, inForce);
    expect(namesIn(set)).toEqual(['ana/laptop']);
    const back = taken(org, org.head([web1(['ben'])], { number: 3 }, [ana]).parcelFor('web1'), set);
    expect(namesIn(back)).toEqual(['ana/laptop', 'ben/laptop']);
  });

  it('only tells of what has expired', () => {
    const taking = takeSet(taker(org.org, ISSUED + 5 * YEAR), inForce, first);
    expect(codes(taking)).toEqual(['root-expired', 'head-expired']);
    expect(namesIn(taking.set)).toEqual(['ana/laptop', 'ben/laptop']);
  });
});

describe('revocations', () => {
  const withRevs = (...revs: Parcel['revs']): Taking => takeSet(taker(org.org), inForce, { ...first, revs });

  it('shuts out a person or a device at once, also when the rest of the offer is refused', () => {
    expect(namesIn(withRevs(org.revocation(ben, 1, 'person', 'ben')).set)).toEqual(['ana/laptop']);
    expect(namesIn(withRevs(org.revocation(ben, 1, 'device', 'ben/laptop')).set)).toEqual(['ana/laptop']);
    const refused = takeSet(taker(org.org), inForce, {
      ...first,
      list: 'x',
      head: { ...first.head, text: 'x' },
      revs: [org.revocation(ana, 1, 'person', 'ben')],
    });
    expect([refused.isRefused, namesIn(refused.set)]).toEqual([true, ['ana/laptop']]);
  });

  it('never shuts out a break-glass device, and says so', () => {
    const { set } = withRevs(org.revocation(ben, 1, 'person', 'ana'));
    expect(namesIn(set)).toEqual(['ana/laptop', 'ben/laptop']);
    expect(set && codes(clientsOf(set, 'web1'))).toEqual(['rev-of-break-glass']);
  });

  it('ignores those that are forged, and takes the others', () => {
    const forged = { ...org.revocation(mallory, 1, 'person', 'ben') };
    const taking = withRevs(forged);
    expect(codes(taking)).toEqual(['rev-refused']);
    expect(namesIn(taking.set)).toEqual(['ana/laptop', 'ben/laptop']);
  });

  it('tells of gaps and forks, and counts both', () => {
    expect(codes(withRevs(org.revocation(ben, 3, 'person', 'ben')))).toEqual(['rev-gap']);
    const forked = withRevs(org.revocation(ben, 1, 'person', 'ben'), org.revocation(ben, 1, 'person', 'cy'));
    expect(codes(forked)).toEqual(['rev-forked']);
    expect(namesIn(forked.set)).toEqual(['ana/laptop']);
  });

  it('lets one key revoke no more people than the cap', () => {
    const names = Array.from({ length: 12 }, (_, i) => `p${String(i).padStart(2, '0')}`);
    const capped = new TestOrg([ana, ben], { cap: 10 });
    const parcel = capped.head([web1(names)], {}, [ana]).parcelFor('web1');
    const all = names.map((name, i) => capped.revocation(ben, i + 1, 'person', name));
    const taking = takeSet(taker(capped.org), undefined, { ...parcel, revs: all });
    expect(codes(taking)).toEqual(['rev-waits', 'rev-waits']);
    expect(namesIn(taking.set)).toEqual(['ana/laptop', 'p10/laptop', 'p11/laptop']);
    const more = [...all, capped.revocation(ana, 1, 'person', 'p11')];
    expect(namesIn(takeSet(taker(capped.org), undefined, { ...parcel, revs: more }).set)).toEqual([
      'ana/laptop',
      'p10/laptop',
    ]);
  });

  it('forgets what a head has folded: a person who is kept is pardoned', () => {
    const revoked = withRevs(org.revocation(ben, 1, 'person', 'ben')).set;
    const folded = [{ key: ben.keyId, number: 1 }];
    const pardon = org.head([web1(['ana', 'ben'])], { number: 2, folded }, [ana]).parcelFor('web1');
    const set = taken(org, { ...pardon, revs: [org.revocation(ben, 1, 'person', 'ben')] }, revoked);
    expect(namesIn(set)).toEqual(['ana/laptop', 'ben/laptop']);
    expect(set.revs).toEqual([]);
  });

  it('counts no head of a revoked signer, unless nobody else could sign', () => {
    const byBen = org.head([web1(['mallory'])], { number: 2 }, [ben]).parcelFor('web1');
    const revs = [org.revocation(ana, 1, 'signer', 'ben')];
    expect(codes(takeSet(taker(org.org), inForce, { ...byBen, revs }))).toEqual(['quorum-missing']);
    const all = [...revs, org.revocation(ana, 2, 'signer', 'ana')];
    const byAna = org.head([web1(['cy'])], { number: 2 }, [ana]).parcelFor('web1');
    const taking = takeSet(taker(org.org), inForce, { ...byAna, revs: all });
    expect(codes(taking)).toEqual(['rev-of-signer']);
    expect(namesIn(taking.set)).toEqual(['ana/laptop', 'cy/laptop']);
  });
});
