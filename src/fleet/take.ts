import { lengthOf } from './closed-json.ts';
import {
  type GateDocument,
  type Head,
  type Pointer,
  type Root,
  readGateDocument,
  readHead,
  readTeam,
  type Team,
} from './documents.ts';
import { type Alarm, FleetFault } from './fault.ts';
import { listPartOf, parseList } from './list.ts';
import type { Parcel, Signed } from './parcel.ts';
import { needQuorum, signatoriesOf } from './quorum.ts';
import { type InForce, inForce, readRevocations, type SignedRevocation } from './revocations.ts';
import { followRoots, type RootChain } from './roots.ts';
import type { SignatureVerifier } from './sshsig.ts';
import { textHash } from './text-hash.ts';

/** A complete set: every document verified. */
export interface TakenSet {
  readonly roots: RootChain;
  readonly head: Head;
  readonly headSigned: Signed;
  readonly list: string;
  /** Documents of this gate; undefined when the list does not hold it. */
  readonly own: OwnPart | undefined;
  /** Last documents of this gate, when the list no longer holds it: their break-glass devices still get in. */
  readonly last: OwnPart | undefined;
  readonly revs: readonly SignedRevocation[];
}

/** Documents about one gate. */
export interface OwnPart {
  readonly text: string;
  readonly gate: GateDocument;
  readonly teams: readonly TeamText[];
}

export interface TeamText {
  readonly text: string;
  readonly team: Team;
}

/** A gate that takes. */
export interface Taker {
  readonly verifier: SignatureVerifier;
  /** Hash of root/1, to which this gate has been adopted. */
  readonly org: string;
  readonly gateId: string;
  /** Public keys of the gate: the present one, and the previous one during a rotation. */
  readonly gateKeys: readonly string[];
  /** Unix seconds. */
  readonly now: number;
}

/** Outcome of an offer. */
export interface Taking {
  /** Set in force from now on: the present one, whole, when the offer is refused. */
  readonly set: TakenSet | undefined;
  /** Whether root and head are other ones than before. */
  readonly isNew: boolean;
  /** Whether the offer as such was refused. */
  readonly isRefused: boolean;
  readonly alarms: readonly Alarm[];
}

/** Takes what is offered as a whole, or keeps what is there as a whole; new revocations count in both cases. */
export function takeSet(taker: Taker, present: TakenSet | undefined, offered: Parcel): Taking {
  try {
    const { verifier, org } = taker;
    const roots = followRoots(verifier, org, present?.roots, offered.roots);
    const known = [...(present?.revs ?? []).map(({ signed }) => signed), ...offered.revs];
    const { revocations, alarms } = readRevocations(verifier, org, roots.newest, known);
    const without = inForce(roots.newest, present?.head, revocations).signers;
    const head = readHeadFor(taker, roots.newest, offered.head, without);
    const order = compareHeads(head, present?.head);
    const refuse = (code: 'head-forked' | 'head-rolled-back', why: string): never => {
      throw new FleetFault(code, `head/${head.number}`, why);
    };
    if (order < 0)
      refuse('head-rolled-back', `this gate has head/${present?.head.number ?? 0} of root/${present?.head.root ?? 0}`);
    if (order === 0 && present !== undefined) {
      if (present.headSigned.text !== offered.head.text)
        refuse('head-forked', 'this gate has another one of that number');
      const set = { ...present, revs: unfolded(head, revocations) };
      return { set, isNew: false, isRefused: false, alarms: [...alarms, ...alarmsOf(taker, set)] };
    }
    const set = completeSet(taker, { roots, head, revs: unfolded(head, revocations) }, present, offered);
    return { set, isNew: true, isRefused: false, alarms: [...alarms, ...alarmsOf(taker, set)] };
  } catch (error) {
    if (!(error instanceof FleetFault)) throw error;
    return keep(taker, present, offered, error.alarm);
  }
}

/**
 * Verifies a set that was taken before, as it was written down. Signers who are revoked since do not undo it.
 * @throws FleetFault when it is not whole
 */
export function restoreSet(taker: Taker, stored: Parcel, last: Pick<Parcel, 'gate' | 'teams'> | undefined): TakenSet {
  const { verifier, org } = taker;
  const roots = followRoots(verifier, org, undefined, stored.roots);
  const { revocations } = readRevocations(verifier, org, roots.newest, stored.revs);
  const head = readHeadFor(taker, roots.newest, stored.head, new Set());
  const set = completeSet({ ...taker, gateKeys: [] }, { roots, head, revs: revocations }, undefined, stored);
  return { ...set, last: last && readOwnPart(last.gate, last.teams, taker) };
}

/** Present set and its new revocations: an offer that is refused can still carry those. */
function keep(taker: Taker, present: TakenSet | undefined, { revs }: Parcel, refused: Alarm): Taking {
  if (present === undefined) return { set: undefined, isNew: false, isRefused: true, alarms: [refused] };
  const { verifier, org } = taker;
  const all = [...present.revs.map(({ signed }) => signed), ...revs];
  const { revocations, alarms } = readRevocations(verifier, org, present.roots.newest, all);
  const set = { ...present, revs: unfolded(present.head, revocations) };
  return { set, isNew: false, isRefused: true, alarms: [refused, ...alarms, ...alarmsOf(taker, set)] };
}

function readHeadFor({ verifier, org }: Taker, root: Root, signed: Signed, without: ReadonlySet<string>): Head {
  const head = readHead(signed.text);
  const name = `head/${head.number}`;
  if (head.org !== org) throw new FleetFault('org-other', name, 'it is of another organization');
  if (head.root !== root.number)
    throw new FleetFault(
      'head-of-other-root',
      name,
      `it is of root/${head.root}, and root/${root.number} is the newest`,
    );
  if (head.issued > root.expires)
    throw new FleetFault('head-after-root', name, `root/${root.number} had expired when it was issued`);
  needQuorum(signatoriesOf(verifier, root, 'head', signed), root.policy, name, without);
  return head;
}

/** Below 0: older than the present one; 0: of the same numbers. A new root begins again with any number. */
function compareHeads(head: Head, present: Head | undefined): number {
  if (present === undefined) return 1;
  return head.root - present.root || head.number - present.number;
}

function completeSet(
  taker: Taker,
  { roots, head, revs }: Pick<TakenSet, 'roots' | 'head' | 'revs'>,
  present: TakenSet | undefined,
  offered: Parcel,
): TakenSet {
  const { verifier, gateId } = taker;
  const part = head.lists[listPartOf(gateId, head.lists.length, verifier.sha256)];
  if (part === undefined) throw new FleetFault('document-invalid', 'head', 'it has no list');
  needSame(verifier, offered.list, part, 'list');
  const line = parseList(offered.list).find(({ id }) => id === gateId);
  const common = { roots, head, headSigned: offered.head, list: offered.list, revs };
  const lastPart = present?.own ?? present?.last;
  if (line === undefined) return { ...common, own: undefined, last: lastPart };
  if (offered.gate === '')
    throw new FleetFault('gate-missing', `gate/${gateId}`, 'the list names it, and it was not offered');
  needSame(verifier, offered.gate, line, `gate/${gateId}`);
  const own = readOwnPart(offered.gate, offered.teams, taker);
  return { ...common, own, last: undefined };
}

function readOwnPart(text: string, offered: readonly string[], { verifier, org, gateId, gateKeys }: Taker): OwnPart {
  const name = `gate/${gateId}`;
  const gate = readGateDocument(text, name);
  if (gate.org !== org) throw new FleetFault('org-other', name, 'it is of another organization');
  if (gate.id !== gateId) throw new FleetFault('gate-other', name, `it is about ${gate.id}`);
  if (gateKeys.length > 0 && !gateKeys.includes(gate.key))
    throw new FleetFault('gate-other', name, 'it is about a gate with another key');
  const byHash = new Map(offered.map((each) => [textHash(each, verifier.sha256), each]));
  const teams = gate.teams.map((pointer) => {
    const found = byHash.get(pointer.hash);
    if (found === undefined)
      throw new FleetFault('team-missing', `team/${pointer.id}`, 'the gate names it, and it was not offered');
    needSame(verifier, found, pointer, `team/${pointer.id}`);
    const team = readTeam(found, `team/${pointer.id}`);
    if (team.org !== org || team.id !== pointer.id)
      throw new FleetFault('document-invalid', `team/${pointer.id}`, 'it is another team than its hash is given for');
    return { text: found, team };
  });
  const devices = new Set(teams.flatMap(({ team }) => team.devices.map(({ person, device }) => `${person}/${device}`)));
  for (const { team } of gate.rules)
    if (!gate.teams.some(({ id }) => id === team))
      throw new FleetFault('document-invalid', name, `a rule is for ${team}, which is not among its teams`);
  for (const device of gate.breakGlass)
    if (!devices.has(device)) throw new FleetFault('document-invalid', name, `${device} is in none of its teams`);
  return { text, gate, teams };
}

/** @throws FleetFault `hash-differs` */
function needSame(verifier: SignatureVerifier, text: string, { hash, length }: Pointer, name: string): void {
  if (lengthOf(text) !== length || textHash(text, verifier.sha256) !== hash)
    throw new FleetFault('hash-differs', name, 'it is not the document that was signed');
}

/** Revocations that the head has not folded: the others need not be kept. */
function unfolded(head: Head, revocations: readonly SignedRevocation[]): readonly SignedRevocation[] {
  const folded = new Map(head.folded.map(({ key, number }) => [key, number]));
  return revocations.filter(({ revocation: { key, number } }) => number > (folded.get(key) ?? 0));
}

/** Revocations that count for a set. */
export function revokedIn({ roots, head, revs }: TakenSet): InForce {
  return inForce(roots.newest, head, revs);
}

/** Alarms about a set in force, at this time. */
function alarmsOf({ gateId, now }: Pick<Taker, 'gateId' | 'now'>, set: TakenSet): readonly Alarm[] {
  const { roots, head, own } = set;
  const alarms: Alarm[] = [...revokedIn(set).alarms];
  const add = (code: Alarm['code'], document: string, why: string) => alarms.push({ code, document, why });
  const { number, expires } = roots.newest;
  if (now > expires)
    add('root-expired', `root/${number}`, 'it has expired: what is in force stays, and a new root is due');
  if (now > head.expires)
    add('head-expired', `head/${head.number}`, 'it has expired: what is in force stays, and a new head is due');
  if (own === undefined)
    add(
      'list-without-gate',
      `gate/${gateId}`,
      'the list no longer holds this gate: only local clients and break-glass devices get in',
    );
  else if (revokedIn(set).gates.has(gateId))
    add('gate-revoked', `gate/${gateId}`, 'this gate is revoked: only local clients and break-glass devices get in');
  return alarms;
}

/** A set as a parcel, to be written down or offered to somebody else. */
export function parcelOf({ roots, headSigned, list, own, revs }: TakenSet): Parcel {
  return {
    roots: roots.roots,
    head: headSigned,
    list,
    gate: own?.text ?? '',
    teams: own?.teams.map(({ text }) => text) ?? [],
    revs: revs.map(({ signed }) => signed),
  };
}
