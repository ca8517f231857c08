import { type Root, readRoot } from './documents.ts';
import { FleetFault } from './fault.ts';
import type { Signed } from './parcel.ts';
import { needQuorum, signatoriesOf } from './quorum.ts';
import { parseSignerKey } from './signer-key.ts';
import type { SignatureVerifier } from './sshsig.ts';
import { textHash } from './text-hash.ts';

/** Roots from 1 to the newest, each verified by the one before it. */
export interface RootChain {
  readonly roots: readonly Signed[];
  readonly newest: Root;
}

/** Name of an organization: the hash of its first root. */
function orgOf(verifier: Pick<SignatureVerifier, 'sha256'>, firstRoot: string): string {
  return textHash(firstRoot, verifier.sha256);
}

/**
 * Verifies roots that are offered, on top of those that are known.
 * @throws FleetFault `root-missing`, `root-forked`, `org-other`, `quorum-missing` or `document-invalid`
 */
export function followRoots(
  verifier: SignatureVerifier,
  org: string,
  known: RootChain | undefined,
  offered: readonly Signed[],
): RootChain {
  const roots = [...(known?.roots ?? [])];
  let newest = known?.newest;
  for (const signed of offered) {
    const root = readRoot(signed.text);
    const name = `root/${root.number}`;
    const same = roots[root.number - 1];
    if (same !== undefined) {
      if (same.text !== signed.text)
        throw new FleetFault('root-forked', name, 'this gate has another one of that number');
      continue;
    }
    if (root.number !== roots.length + 1)
      throw new FleetFault('root-missing', name, `root/${roots.length + 1} is missing before it`);
    if (root.number === 1 ? orgOf(verifier, signed.text) !== org || root.org !== '' : root.org !== org)
      throw new FleetFault('org-other', name, 'it is of another organization');
    checkRoles(root, name);
    const signatories = signatoriesOf(verifier, root, 'root', signed);
    needQuorum(signatories, root.root, name);
    if (newest !== undefined) needQuorum(signatoriesOf(verifier, newest, 'root', signed), newest.root, name);
    roots.push(signed);
    newest = root;
  }
  if (newest === undefined) throw new FleetFault('root-missing', 'root/1', 'no root was offered');
  return { roots, newest };
}

/** A root that cannot work is refused: a key of two people, a role of unknown people, a threshold that nobody can reach. */
function checkRoles({ people, root, policy, revoke }: Root, name: string): void {
  const refuse = (why: string): never => {
    throw new FleetFault('document-invalid', name, why);
  };
  const ids = new Set(people.map(({ id }) => id));
  const keys = people.flatMap((person) => person.keys.map((key) => parseSignerKey(key)?.blob.join()));
  if (new Set(keys).size !== keys.length) refuse('a key belongs to one person');
  for (const id of [...root.people, ...policy.people, ...revoke])
    if (!ids.has(id)) refuse(`${id} has a role and is not among the people`);
  for (const { threshold, people: of } of [root, policy])
    if (threshold > of.length) refuse('a role needs more signatures than it has people');
}
