import { fieldsOf, listOfFields, numberOrZero, parseJson } from '../../src/base/loose-json.ts';
import { isHash, isId, LIMITS } from '../../src/fleet/documents.ts';
import {
  headFile,
  headSignature,
  LATEST,
  listFile,
  parseLatest,
  partFile,
  revocationFile,
  revocationSignature,
  rootFile,
  rootSignature,
} from '../../src/fleet/layout.ts';
import { listPartOf } from '../../src/fleet/list.ts';
import { MOST, type Parcel, type Signed } from '../../src/fleet/parcel.ts';
import { keyId, parseSignerKey } from '../../src/fleet/signer-key.ts';
import { LONGEST_SIGNATURE } from '../../src/fleet/sshsig.ts';
import { nodeVerifier } from '../../src/fleet/verify-node.ts';
import { type Store, StoreFault } from './store.ts';

/*
 * Collects what a store has for one gate. It follows the documents' own pointers and judges nothing: a document that cannot be read has
 * no pointers, and goes to the daemon as it is, which says what is wrong with it.
 */

/** Bytes of everything that is collected: below the longest parcel, in which line ends and quotation marks are escaped. */
const MOST_BYTES = 12 * 1024 * 1024;

/** Milliseconds for everything: a store that answers as slowly as it may must not hold up the next poll. */
const PATIENCE = 30_000;

/** A gate, and the token under which its part lies. */
export interface Collector {
  readonly gate: string;
  readonly token: string;
}

/**
 * @param steady milliseconds that never jump
 * @throws StoreFault when the store does not say what there is, gives more than a gate takes, or takes too long
 */
export async function collect(store: Store, { gate, token }: Collector, steady: () => number): Promise<Parcel> {
  const begin = steady();
  let total = 0;
  const text = async (file: string, most: number): Promise<string | undefined> => {
    const bytes = await store.read(file, most);
    if (steady() - begin > PATIENCE)
      throw new StoreFault(file, `everything together took more than ${PATIENCE / 1000} s`);
    total += bytes?.length ?? 0;
    if (total > MOST_BYTES) throw new StoreFault(file, `everything together is longer than ${MOST_BYTES} bytes`);
    return bytes && Buffer.from(bytes).toString('utf8');
  };
  const signatures = async (people: readonly string[], file: (person: string) => string): Promise<string[]> => {
    const found: string[] = [];
    for (const person of people.slice(0, MOST.signatures)) {
      const signature = await text(file(person), LONGEST_SIGNATURE);
      if (signature !== undefined) found.push(signature);
    }
    return found;
  };

  const latest = parseLatest((await text(LATEST, 100)) ?? '');
  if (latest === undefined) throw new StoreFault(LATEST, 'it does not say which documents are the newest');

  const roots: Signed[] = [];
  let people: string[] = [];
  // The hint may be older than the roots.
  for (let number = 1; number <= MOST.roots; number++) {
    const root = await text(rootFile(number), LIMITS.root);
    if (root === undefined) break;
    const before = people;
    people = idsOf(fieldsOf(fieldsOf(parseJson(root)).root).people);
    const signers = [...new Set([...before, ...people])];
    roots.push({ text: root, signatures: await signatures(signers, (person) => rootSignature(number, person)) });
  }
  const root = fieldsOf(parseJson(roots.at(-1)?.text ?? ''));

  const headText = await text(headFile(latest.head), LIMITS.head);
  if (headText === undefined) throw new StoreFault(headFile(latest.head), 'it is missing');
  const head = fieldsOf(parseJson(headText));
  const headPeople = idsOf(fieldsOf(root.policy).people);
  const headSignatures = await signatures(headPeople, (person) => headSignature(latest.head, person));

  const byHash = async (file: (hash: string) => string, hash: unknown, most: number): Promise<string> =>
    typeof hash === 'string' && isHash(hash) ? ((await text(file(hash), most)) ?? '') : '';
  const part = (hash: string) => partFile(token, hash);
  const lists = listOfFields(head.lists);
  const list = await byHash(listFile, lists[listPartOf(gate, lists.length, nodeVerifier.sha256)]?.hash, LIMITS.list);
  const gateText = await byHash(part, hashInList(list, gate), LIMITS.gate);
  const teams: string[] = [];
  for (const { hash } of listOfFields(fieldsOf(parseJson(gateText)).teams).slice(0, MOST.teams)) {
    const team = await byHash(part, hash, LIMITS.team);
    if (team !== '') teams.push(team);
  }

  const revs: Signed[] = [];
  for (const key of revokersOf(root)) {
    const folded = listOfFields(head.folded).find((each) => each.key === key)?.number;
    for (let number = wholeOrZero(folded) + 1; revs.length < MOST.revs; number++) {
      const rev = await text(revocationFile(key, number), LIMITS.rev);
      if (rev === undefined) break;
      const signature = await text(revocationSignature(key, number), LONGEST_SIGNATURE);
      revs.push({ text: rev, signatures: signature === undefined ? [] : [signature] });
    }
  }
  return { roots, head: { text: headText, signatures: headSignatures }, list, gate: gateText, teams, revs };
}

/** A number that still counts when 1 is added, or 0. */
function wholeOrZero(value: unknown): number {
  const number = numberOrZero(value);
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

/** Ids are parts of paths: nothing else is one. */
function idsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string' && isId(each)) : [];
}

function hashInList(list: string, gate: string): string | undefined {
  for (const line of list.split('\n')) {
    const [hash, , id] = line.split(' ');
    if (id === gate) return hash;
  }
  return undefined;
}

/** Ids of the keys of all who may revoke. */
function revokersOf(root: Record<string, unknown>): string[] {
  const revokers = new Set(idsOf(root.revoke));
  return listOfFields(root.people)
    .filter(({ id }) => typeof id === 'string' && revokers.has(id))
    .flatMap(({ keys }) => (Array.isArray(keys) ? keys : []))
    .flatMap((key) => {
      const parsed = typeof key === 'string' ? parseSignerKey(key) : undefined;
      return parsed === undefined ? [] : [keyId(parsed, nodeVerifier.sha256)];
    });
}
