import { type Head, type Revocation, type Root, readRevocation } from './documents.ts';
import { type Alarm, FleetFault } from './fault.ts';
import type { Signed } from './parcel.ts';
import { personOf, signatoriesOf } from './quorum.ts';
import { keyId } from './signer-key.ts';
import type { SignatureVerifier } from './sshsig.ts';

/** A verified revocation. */
export interface SignedRevocation {
  readonly signed: Signed;
  readonly revocation: Revocation;
}

/** Most revocations of one key that a gate keeps: more than that are a fault or an attack. */
const MOST_OF_KEY = 1024;

/**
 * Reads revocations, those of unknown keys not among them. One that is bad harms no other.
 * @param root whose `revoke` people may sign
 * @returns each once, sorted by key and number
 */
export function readRevocations(
  verifier: SignatureVerifier,
  org: string,
  root: Root,
  offered: readonly Signed[],
): { readonly revocations: readonly SignedRevocation[]; readonly alarms: readonly Alarm[] } {
  const alarms: Alarm[] = [];
  const found = new Map<string, SignedRevocation>();
  for (const signed of offered) {
    if (found.has(signed.text)) continue;
    try {
      found.set(signed.text, { signed, revocation: readOne(verifier, org, root, signed) });
    } catch (error) {
      if (!(error instanceof FleetFault)) throw error;
      alarms.push({ ...error.alarm, code: 'rev-refused' });
    }
  }
  const sorted = [...found.values()].sort(
    ({ revocation: a }, { revocation: b }) => compare(a.key, b.key) || a.number - b.number || compare(a.id, b.id),
  );
  const counts = new Map<string, number>();
  const revocations = sorted.filter(({ revocation: { key } }) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= MOST_OF_KEY;
  });
  for (const [key, count] of counts) {
    const why = `this key has made ${count}, and ${MOST_OF_KEY} are kept`;
    if (count > MOST_OF_KEY) alarms.push({ code: 'rev-waits', document: `rev/${key}`, why });
  }
  return { revocations, alarms };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function readOne(verifier: SignatureVerifier, org: string, root: Root, signed: Signed): Revocation {
  const revocation = readRevocation(signed.text);
  const name = nameOf(revocation);
  if (revocation.org !== org) throw new FleetFault('rev-refused', name, 'it is of another organization');
  const { keys, refused } = signatoriesOf(verifier, root, 'rev', signed);
  const key = keys.find((each) => keyId(each, verifier.sha256) === revocation.key);
  const person = key && personOf(root, key);
  if (person === undefined) {
    const why = [...new Set(['it is not signed by the key that it names', ...refused])].slice(0, 4).join('; ');
    throw new FleetFault('rev-refused', name, why);
  }
  if (!root.revoke.includes(person)) throw new FleetFault('rev-refused', name, `${person} may not revoke`);
  return revocation;
}

const nameOf = ({ key, number }: Revocation): string => `rev/${key}/${number}`;

/** Revocations that count now. */
export interface InForce {
  readonly people: ReadonlySet<string>;
  /** As `person/device`. */
  readonly devices: ReadonlySet<string>;
  readonly gates: ReadonlySet<string>;
  readonly signers: ReadonlySet<string>;
  readonly alarms: readonly Alarm[];
}

/** Revocations that the head has not folded; of those of one key, at most `cap` people. */
export function inForce(root: Root, head: Head | undefined, all: readonly SignedRevocation[]): InForce {
  const alarms: Alarm[] = [];
  const sets = {
    person: new Set<string>(),
    device: new Set<string>(),
    gate: new Set<string>(),
    signer: new Set<string>(),
  };
  const foldedOf = (key: string): number => head?.folded.find((each) => each.key === key)?.number ?? 0;
  const capped = new Map<string, Set<string>>();
  const last = new Map<string, number>();
  for (const { revocation } of all) {
    const { key, number, what, id } = revocation;
    const before = last.get(key) ?? foldedOf(key);
    const document = nameOf(revocation);
    if (number === last.get(key))
      alarms.push({ code: 'rev-forked', document, why: 'there are two of that number: both count' });
    last.set(key, Math.max(before, number));
    if (number <= foldedOf(key)) continue;
    if (number > before + 1)
      alarms.push({ code: 'rev-gap', document, why: `a revocation before it is missing: ${before + 1} is the next` });
    const subjects = capped.get(key) ?? new Set();
    capped.set(key, subjects);
    const subject = what === 'device' ? `person ${id.split('/')[0]}` : `${what} ${id}`;
    if (!subjects.has(subject) && subjects.size >= root.cap) {
      const why = `one key has revoked ${root.cap} already: ${id} waits for the signature of another person`;
      alarms.push({ code: 'rev-waits', document, why });
      continue;
    }
    subjects.add(subject);
    sets[what].add(id);
  }
  const { signers, alarms: ofSigners } = revocableSigners(root, sets.signer);
  return { people: sets.person, devices: sets.device, gates: sets.gate, signers, alarms: [...alarms, ...ofSigners] };
}

/** Signers whose signatures no longer count: never so many that a role cannot reach its threshold. */
function revocableSigners(root: Root, wanted: ReadonlySet<string>): { signers: Set<string>; alarms: Alarm[] } {
  const signers = new Set<string>();
  const alarms: Alarm[] = [];
  for (const id of wanted) {
    const { policy } = root;
    const left = policy.people.filter((each) => each !== id && !signers.has(each)).length;
    if (left >= policy.threshold) signers.add(id);
    else
      alarms.push({
        code: 'rev-of-signer',
        document: `signer ${id}`,
        why: 'too few people would be left to sign: needs a new root',
      });
  }
  return { signers, alarms };
}
