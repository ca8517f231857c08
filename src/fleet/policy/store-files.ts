import { toBase64Url, utf8 } from '../../base/bytes.ts';
import { FleetFault } from '../fault.ts';
import {
  formatLatest,
  headFile,
  headSignature,
  LATEST,
  listFile,
  partFile,
  rootFile,
  rootSignature,
} from '../layout.ts';
import { textHash } from '../text-hash.ts';
import type { Compiled, Hashing } from './compile.ts';

/** A document, and who has signed it. */
export interface SignedByPeople {
  readonly number: number;
  readonly text: string;
  /** Armoured signatures by person. */
  readonly signatures: ReadonlyMap<string, string>;
}

/** Everything that is published of a set. */
export interface Publication {
  /** From 1 on, in order. */
  readonly roots: readonly SignedByPeople[];
  readonly head: SignedByPeople;
  readonly compiled: Compiled;
  /** Seed of the policy. */
  readonly seed: string;
}

/** A file of a store. */
export interface StoreFile {
  readonly path: string;
  readonly text: string;
  /** `same`: what is there must be the same. `replace`: the hint at the newest. */
  readonly ifThere: 'same' | 'replace';
}

/** Token under which a gate finds its part: nobody can guess it who does not know the seed. */
export function tokenFor(seed: string, gate: string, { hmac }: Hashing): string {
  return toBase64Url(hmac(utf8(seed), utf8(`part ${gate}`)));
}

/**
 * Files of a store in the order in which they are written: a reader that finds the head finds everything that it names.
 * @throws FleetFault `quorum-missing` when nobody has signed a root or the head
 */
export function storeFiles({ roots, head, compiled, seed }: Publication, hashing: Hashing): readonly StoreFile[] {
  const files = new Map<string, StoreFile>();
  const add = (path: string, text: string, ifThere: StoreFile['ifThere'] = 'same') => {
    files.set(path, { path, text, ifThere });
  };
  const hashOf = (text: string) => textHash(text, hashing.sha256);
  for (const { gate, text, teams } of compiled.gates) {
    const token = tokenFor(seed, gate.id, hashing);
    for (const part of [text, ...teams.map((team) => team.text)]) add(partFile(token, hashOf(part)), part);
  }
  for (const list of compiled.lists) add(listFile(hashOf(list)), list);
  const addSigned = (
    { number, text, signatures }: SignedByPeople,
    file: (number: number) => string,
    signature: (number: number, person: string) => string,
  ) => {
    if (signatures.size === 0) throw new FleetFault('quorum-missing', file(number), 'nobody has signed it');
    for (const [person, armoured] of signatures) add(signature(number, person), armoured);
    add(file(number), text);
  };
  for (const root of roots) addSigned(root, rootFile, rootSignature);
  addSigned(head, headFile, headSignature);
  add(LATEST, formatLatest({ root: roots.at(-1)?.number ?? 0, head: head.number }), 'replace');
  return [...files.values()];
}
