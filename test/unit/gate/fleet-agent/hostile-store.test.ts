import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { folderStore } from '../../../../server-helper/fleet-agent/folder-store.ts';
import { handOver } from '../../../../server-helper/fleet-agent/hand-over.ts';
import { Pace } from '../../../../server-helper/fleet-agent/pace.ts';
import { Rounds } from '../../../../server-helper/fleet-agent/rounds.ts';
import { StandInGate } from '../../../rig/fleet-stand-in.ts';
import { layParcel, tokenOf } from '../../../rig/fleet-store.ts';
import { COLLECTED, next, older, present, revocationOfBen, TAKER } from './sets.ts';

const LIAR = fileURLToPath(new URL('./liar.py', import.meta.url));

let folder: string;
let store: string;
let gate: StandInGate;
let said: string[];
let time: number;
let rounds: Rounds;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kg-liar-'));
  for (const [name, parcel] of Object.entries(COLLECTED)) layParcel(join(folder, 'made', name), 'web1', parcel);
  for (const row of Object.keys(ROWS))
    for (const parcel of [older, present]) layParcel(join(folder, 'lies', row), 'web1', parcel);
  execFileSync('python3', [LIAR, join(folder, 'lies'), join(folder, 'made')]);
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  store = join(folder, 'store');
  const socket = join(folder, 'fleet.sock');
  for (const each of [store, socket]) rmSync(each, { recursive: true, force: true });
  mkdirSync(store);
  gate = new StandInGate(TAKER);
  await gate.listen(socket);
  said = [];
  time = 0;
  rounds = new Rounds({
    store: folderStore(store),
    collector: { gate: 'web1', token: tokenOf('web1') },
    pace: new Pace(60_000, () => 0.5),
    handOver: (parcel) => handOver(socket, parcel),
    steady: () => time,
    log: (line) => said.push(line.replace(store, 'store')),
  });
  return () => gate.close();
});

describe('a folder', () => {
  it('brings the newest set, and is handed over again only when it has changed or after five minutes', async () => {
    layParcel(store, 'web1', present);
    expect(await rounds.poll()).toBe(60_000);
    expect(gate.people).toBe('ana ben');
    await rounds.poll();
    expect(gate.parcels).toBe(1);
    time += 300_000;
    await rounds.poll();
    expect(gate.parcels).toBe(2);
    layParcel(store, 'web1', next);
    await rounds.poll();
    expect(gate.people).toBe('ana cy');
    expect(said).toEqual(['store: head/2 of root/1 is in force', 'store: head/3 of root/1 is in force']);
  });

  it('brings a revocation, and a new root with its head', async () => {
    layParcel(store, 'web1', { ...present, revs: [revocationOfBen] });
    await rounds.poll();
    expect(gate.people).toBe('ana');
    cpSync(join(folder, 'made/renewed'), store, { recursive: true });
    await rounds.poll();
    expect(said.at(-1)).toBe('store: head/3 of root/2 is in force');
  });

  it('is asked again at once-growing distances when it has nothing', async () => {
    const waits = [];
    for (let i = 0; i < 5; i++) waits.push(await rounds.poll());
    expect(waits).toEqual([45_000, 90_000, 180_000, 225_000, 225_000]);
    expect(said).toEqual(['store: nothing was handed over: latest: it does not say which documents are the newest']);
  });
});

/**
 * Words of the agent or of the daemon about each lie, to a gate that has the set that the store had before. A gate that has it does not
 * read its files again: these rows meet a gate with the older one.
 */
const ROWS: Readonly<Record<string, string>> = {
  withholds: 'head/2.json: it is missing',
  'rolls back': 'head-rolled-back',
  'forges a team': 'at the older one: team-missing',
  'forges a set': 'quorum-missing',
  swaps: 'at the older one: hash-differs',
  deletes: 'latest: it does not say',
  'sends 100 MB': 'it is longer than 2097152 bytes',
  'two heads of one number': 'head-forked',
  'a head before its files': 'hash-differs',
  'a list without this gate': 'at the older one: hash-differs',
  'a file of an older head': 'at the older one: hash-differs',
  'a root without its head': 'head-of-other-root',
  'the head of another organization': 'org-other',
  'everything of another organization': 'root-forked',
  'a hardware key without a touch': 'quorum-missing',
  'one key counted twice': 'quorum-missing',
  'signatures for git': 'quorum-missing',
  'a duplicate key': 'document-invalid',
  'an unknown key': 'document-invalid',
  'no text at all': 'document-invalid',
  'names that lead elsewhere': 'document-invalid',
  'a link to another file': 'it is a symbolic link',
  'a hint that is none': 'latest: it does not say',
};

const AT_OLDER = 'at the older one: ';

function becomes(other: string): void {
  rmSync(store, { recursive: true });
  cpSync(join(folder, other), store, { recursive: true, verbatimSymlinks: true });
}

describe('a hostile folder lets nobody in, and an honest one is followed again', () => {
  for (const [row, expected] of Object.entries(ROWS))
    it(row, async () => {
      const [words = '', atOlder] = expected.split(AT_OLDER).reverse();
      layParcel(store, 'web1', older);
      if (atOlder === undefined) layParcel(store, 'web1', present);
      await rounds.poll();
      const before = atOlder === undefined ? 'ana ben' : 'ana eve';
      expect(gate.people).toBe(before);
      becomes(join('lies', row));
      await rounds.poll();
      time += 300_000;
      await rounds.poll();
      expect(gate.people).toBe(before);
      expect(said.at(-1)).toContain(words);

      becomes('made/next');
      await rounds.poll();
      expect(gate.people).toBe('ana cy');
      expect(said.at(-1)).toBe('store: head/3 of root/1 is in force');
    });
});
