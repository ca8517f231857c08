import { equalConstantTime, utf8 } from '../base/bytes.ts';
import type { Role, Root } from './documents.ts';
import { FleetFault } from './fault.ts';
import type { Signed } from './parcel.ts';
import { parseSignerKey, type SignerKey } from './signer-key.ts';
import { type SignatureVerifier, verifySshSignature } from './sshsig.ts';

/** Purpose of a signature: its namespace is `knockgate-` and this. */
export type Purpose = 'root' | 'head' | 'rev' | 'fresh';

/** People of a root who have signed a document, and why other signatures do not count. */
export interface Signatories {
  readonly people: ReadonlySet<string>;
  readonly keys: readonly SignerKey[];
  readonly refused: readonly string[];
}

/** Finds who has signed. Each person counts once, with whichever key. */
export function signatoriesOf(
  verifier: SignatureVerifier,
  root: Root,
  purpose: Purpose,
  { text, signatures }: Signed,
): Signatories {
  const message = utf8(text);
  const people = new Set<string>();
  const keys: SignerKey[] = [];
  const refused: string[] = [];
  for (const signature of signatures) {
    const key = verifySshSignature(verifier, signature, `knockgate-${purpose}`, message);
    const person = typeof key === 'string' ? undefined : personOf(root, key);
    if (typeof key === 'string') refused.push(`a signature ${key}`);
    else if (person === undefined) refused.push('a signature is by a key that the root does not name');
    else {
      people.add(person);
      keys.push(key);
    }
  }
  return { people, keys, refused };
}

/** Id of the person to whom a root gives a key. */
export function personOf(root: Root, { blob }: SignerKey): string | undefined {
  return root.people.find(({ keys }) => keys.some((text) => isKey(text, blob)))?.id;
}

function isKey(text: string, blob: Uint8Array): boolean {
  const key = parseSignerKey(text);
  return key !== undefined && equalConstantTime(key.blob, blob);
}

/**
 * Refuses a document that too few people of a role have signed.
 * @param without people whose signatures do not count
 * @throws FleetFault `quorum-missing`
 */
export function needQuorum(
  { people, refused }: Signatories,
  { threshold, people: known }: Role,
  document: string,
  without: ReadonlySet<string> = new Set(),
): void {
  const counted = known.filter((id) => people.has(id) && !without.has(id));
  if (counted.length >= threshold) return;
  const found = `${counted.length} of ${threshold} people have signed it`;
  const reasons = [...new Set(refused)].slice(0, 4);
  throw new FleetFault('quorum-missing', document, [found, ...reasons].join('; '));
}
