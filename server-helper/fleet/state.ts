import { chownSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf } from '../../src/base/loose-json.ts';
import { isHash, isId } from '../../src/fleet/documents.ts';
import { formatParcel, parseParcel } from '../../src/fleet/parcel.ts';
import { parcelOf, restoreSet, type TakenSet } from '../../src/fleet/take.ts';
import { textHash } from '../../src/fleet/text-hash.ts';
import { nodeVerifier } from '../../src/fleet/verify-node.ts';
import { replaceFile } from '../own-file.ts';
import type { Paths } from '../paths.ts';
import { fileUnwritable } from '../problems.ts';

/* Folder `fleet` of the state folder: there only while the gate is in a fleet. */

/** Fleet to which root has adopted this gate. */
export interface Anchor {
  /** Hash of root/1. */
  readonly org: string;
  readonly gateId: string;
}

function folderOf({ state }: Paths): string {
  return join(state, 'fleet');
}

/** @throws an error when the file is not there, or is not what `writeAnchor` has made */
export function readAnchor(paths: Paths): Anchor {
  const { org, gate } = fieldsOf(JSON.parse(readFileSync(join(folderOf(paths), 'anchor'), 'utf8')));
  if (typeof org !== 'string' || !isHash(org) || typeof gate !== 'string' || !isId(gate))
    throw new Error('the file anchor is not whole');
  return { org, gateId: gate };
}

export function writeAnchor(paths: Paths, { org, gateId }: Anchor): void {
  write(paths, 'anchor', `${JSON.stringify({ org, gate: gateId })}\n`);
}

/** Text of the set that was written last; undefined: none was. */
export function readSetText(paths: Paths): string | undefined {
  try {
    return readFileSync(join(folderOf(paths), 'set.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Verifies the text of a set, with all its signatures.
 * @throws an error when it is torn, or of another fleet or gate
 */
export function setOf(text: string, { org, gateId }: Anchor, now: number): TakenSet {
  const { sha256, parcel, last } = fieldsOf(JSON.parse(text));
  if (typeof parcel !== 'string' || sha256 !== textHash(parcel, nodeVerifier.sha256))
    throw new Error('the file set.json is torn');
  const taker = { verifier: nodeVerifier, org, gateId, gateKeys: [], now };
  return restoreSet(taker, parseParcel(parcel), lastOf(last));
}

function lastOf(value: unknown): { gate: string; teams: string[] } | undefined {
  if (value === null) return undefined;
  const { gate, teams } = fieldsOf(value);
  if (typeof gate !== 'string' || !Array.isArray(teams) || !teams.every((team) => typeof team === 'string'))
    throw new Error('the file set.json is torn');
  return { gate, teams };
}

/** @throws Problem `file-unwritable`; the set written before is then whole */
export function writeSet(paths: Paths, set: TakenSet): void {
  const parcel = formatParcel(parcelOf(set));
  const last = set.last && { gate: set.last.text, teams: set.last.teams.map(({ text }) => text) };
  write(
    paths,
    'set.json',
    `${JSON.stringify({ format: 1, sha256: textHash(parcel, nodeVerifier.sha256), parcel, last: last ?? null })}\n`,
  );
  write(paths, 'newest', `${set.head.root} ${set.head.number}\n`);
}

/** Numbers of root and head that were in force last; undefined when they are unknown. */
export function readNewest(paths: Paths): readonly [root: number, head: number] | undefined {
  try {
    const [, root, head] =
      /^([0-9]{1,16}) ([0-9]{1,16})\n$/.exec(readFileSync(join(folderOf(paths), 'newest'), 'utf8')) ?? [];
    return root === undefined ? undefined : [Number(root), Number(head)];
  } catch {
    return undefined;
  }
}

/** @returns whether there was a folder */
export function removeFolder(paths: Paths): boolean {
  const folder = folderOf(paths);
  const found = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  rmSync(folder, { recursive: true, force: true });
  return found;
}

/** The daemon reads what root writes: both belong to the owner of the state folder. */
function write(paths: Paths, name: string, text: string): void {
  const folder = folderOf(paths);
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceFile(file, text, 0o600);
    const { uid, gid } = statSync(paths.state);
    if (process.getuid?.() === 0) for (const path of [folder, file]) chownSync(path, uid, gid);
  } catch (error) {
    throw fileUnwritable(file, error);
  }
}
