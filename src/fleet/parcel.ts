import { lengthOf, listOf, matching, object, type Reader, readClosed, writeClosed } from './closed-json.ts';
import { LIMITS } from './documents.ts';
import { FleetFault } from './fault.ts';
import { LONGEST_SIGNATURE } from './sshsig.ts';

/** A document with its armoured signatures. */
export interface Signed {
  readonly text: string;
  readonly signatures: readonly string[];
}

/** Everything that one gate takes, on its way. Not signed itself: it only carries. */
export interface Parcel {
  /** In order, from 1 or from any later one on. */
  readonly roots: readonly Signed[];
  readonly head: Signed;
  /** The list, or the part of it that may hold the gate. */
  readonly list: string;
  /** Empty: the list does not hold the gate. */
  readonly gate: string;
  readonly teams: readonly string[];
  readonly revs: readonly Signed[];
}

/** Bytes of the longest parcel. */
export const LONGEST_PARCEL = 16 * 1024 * 1024;

export const MOST = { roots: 1024, signatures: 64, teams: 256, revs: 4096 };

const anyText = (most: number, name: string): Reader<string> => {
  const text = matching(/^[\n\x20-\x7e]*$/, 'a text of ASCII');
  return (value, at) => {
    const found = text(value, at);
    if (lengthOf(found) > most) throw new FleetFault('document-too-long', name, `it is longer than ${most} bytes`);
    return found;
  };
};

const signed = (most: number, name: string): Reader<Signed> =>
  object<Signed>({
    text: anyText(most, name),
    signatures: listOf(anyText(LONGEST_SIGNATURE, 'signature'), MOST.signatures),
  });

const PARCEL = object<Parcel>({
  roots: listOf(signed(LIMITS.root, 'root'), MOST.roots),
  head: signed(LIMITS.head, 'head'),
  list: anyText(LIMITS.list, 'list'),
  gate: anyText(LIMITS.gate, 'gate'),
  teams: listOf(anyText(LIMITS.team, 'team'), MOST.teams),
  revs: listOf(signed(LIMITS.rev, 'rev'), MOST.revs),
});

/**
 * Reads a parcel.
 * @throws FleetFault `document-invalid` or `document-too-long`
 */
export function parseParcel(text: string): Parcel {
  return readClosed(text, 'parcel', LONGEST_PARCEL, PARCEL);
}

export function formatParcel({ roots, head, list, gate, teams, revs }: Parcel): string {
  const signedText = ({ text, signatures }: Signed): Signed => ({ text, signatures });
  return writeClosed({
    roots: roots.map(signedText),
    head: signedText(head),
    list,
    gate,
    teams,
    revs: revs.map(signedText),
  });
}
