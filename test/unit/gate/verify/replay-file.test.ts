import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReplayRecord } from '../../../../server-helper/verify/replay.ts';
import { openReplayFile } from '../../../../server-helper/verify/replay-file.ts';
import type { ReplayEntry } from '../../../../server-helper/verify/replay-layout.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { BOOT, temporaryFolder, WALL } from '../support.ts';

const SECTOR = 512;
const ENTRY = 32;

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'replay');
});

const client = (number: number) => Buffer.alloc(32, number);
const clients = (count: number) =>
  Array.from({ length: count }, (_, i) => createHash('sha256').update(`client ${i}`).digest());
const entry = (number: number): ReplayEntry => ({ timestamp: WALL + number, aeadTag: Buffer.alloc(16, number) });
const OTHER_BOOT = new Uint8Array(16).fill(8);
interface Opened {
  readonly places?: number;
  readonly now?: number;
  readonly at?: string;
  readonly boot?: Uint8Array | undefined;
}
const open = (known: readonly Uint8Array[], options: Opened = {}) => {
  const { places = 4, now = WALL, at = path } = options;
  return openReplayFile({
    path: at,
    clients: known,
    places,
    now,
    boot: 'boot' in options ? options.boot : BOOT,
    crypto: nodeCrypto,
  });
};

/** Entries that a file has of a client: their first bytes. */
function remembered(known: readonly Uint8Array[], of: Uint8Array, options = {}): (number | undefined)[] {
  const store = open(known, options);
  const { entries } = store.load(of);
  store.close();
  return entries.map((found) => found?.aeadTag[0]);
}

/** Writes entries 1, 2, … for each client. */
async function fill(known: readonly Uint8Array[], count: number): Promise<void> {
  const store = open(known);
  for (const of of known) {
    const { block } = store.load(of);
    for (let place = 0; place < count; place++) await store.write(block, place, entry(place + 1));
  }
  store.close();
}

/** Turns over a byte of the file. */
function damage(offset: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 0xff, offset);
  writeFileSync(path, bytes);
}

const blockAt = (block: number, places = 4) => SECTOR + block * (places + 1) * ENTRY;

describe('the replay file', () => {
  it('keeps what was written', async () => {
    await fill([client(1), client(2)], 2);
    expect(remembered([client(1)], client(1))).toEqual([1, 2, undefined, undefined]);
    expect(remembered([], client(2))).toEqual([1, 2, undefined, undefined]);
    const store = open([client(1)]);
    expect(store.load(client(1)).entries[1]).toEqual({ timestamp: WALL + 2, aeadTag: new Uint8Array(16).fill(2) });
    store.close();
  });

  it('has its whole length from the start, and is its owner’s alone', async () => {
    open([client(1)]).close();
    expect(statSync(path).size).toBe(SECTOR + 64 * 5 * ENTRY);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await fill([client(1)], 4);
    expect(statSync(path).size).toBe(SECTOR + 64 * 5 * ENTRY);
  });

  it('is written in place', async () => {
    await fill([client(1)], 4);
    const store = open([client(1)]);
    await store.write(store.load(client(1)).block, 1, entry(9));
    store.close();
    expect(remembered([client(1)], client(1))).toEqual([1, 9, 3, 4]);
  });

  it('keeps no client’s key', () => {
    open([client(7)]).close();
    expect(readFileSync(path).includes(client(7).subarray(0, 16))).toBe(false);
  });

  it('keeps nothing for a client without room in it, and says so', async () => {
    const store = open([client(1)]);
    const { block, entries } = store.load(client(2));
    expect(entries).toEqual([undefined, undefined, undefined, undefined]);
    await expect(store.write(block, 0, entry(1))).rejects.toThrow('no place');
    store.close();
  });

  it('says when it was made, also after it was opened again', () => {
    open([]).close();
    const store = open([], { now: WALL + 5000 });
    expect(store.createdAt).toBe(WALL);
    store.close();
  });

  it.each([
    ['another boot', OTHER_BOOT],
    ['an unknown boot', undefined],
  ])('of %s keeps what it knows, and takes nothing older than this moment', async (_, boot) => {
    await fill([client(1)], 2);
    const store = open([client(1)], { now: WALL + 60_000, boot });
    expect(store.load(client(1)).entries[1]?.timestamp).toBe(entry(2).timestamp);
    expect(store.createdAt).toBe(WALL + 60_000);
    // Its date is of this boot: it follows when the clock is set.
    store.clockWasSet(-30_000, WALL + 31_000);
    expect(store.createdAt).toBe(WALL + 30_000);
    store.close();
    const record = new ReplayRecord(open([client(1)], { now: WALL + 90_000, boot: OTHER_BOOT }), WALL);
    // A snapshot of the disk was restored after this was accepted: it is not on record, and must not be new again.
    expect(record.accept(client(1), WALL + 20_000, Buffer.alloc(16))).toMatchObject({ fresh: false });
  });

  it('of this boot goes on where it was', () => {
    open([], { now: WALL, boot: OTHER_BOOT }).close();
    const store = open([], { now: WALL + 5000, boot: OTHER_BOOT });
    expect(store.createdAt).toBe(WALL);
    store.close();
  });

  it('that was deleted knows that it knows nothing of the past', () => {
    open([client(1)]).close();
    rmSync(path);
    const record = new ReplayRecord(open([client(1)], { now: WALL + 5000 }), WALL);
    expect(record.accept(client(1), WALL + 5000, Buffer.alloc(16))).toEqual({
      fresh: false,
      reason: 'replayed',
      detail: 'older than the replay record',
    });
    expect(record.accept(client(1), WALL + 5001, Buffer.alloc(16))).toMatchObject({ fresh: true });
  });

  it('is an error where the disk gives none', () => {
    expect(() => open([], { at: join(path, 'no', 'replay') })).toThrow('ENOENT');
    mkdirSync(`${path}.new`);
    expect(() => open([])).toThrow('EISDIR');
    expect(existsSync(path)).toBe(false);
  });
});

describe('a damaged replay file', () => {
  it('loses the one entry that is torn', async () => {
    await fill([client(1)], 4);
    damage(blockAt(0) + 2 * ENTRY + 10);
    expect(remembered([client(1)], client(1))).toEqual([1, undefined, 3, 4]);
  });

  it('loses the one client whose head is torn, and mixes up nobody', async () => {
    await fill([client(1), client(2), client(3)], 4);
    damage(blockAt(1) + 3);
    const known = [client(1), client(3), client(4), client(2)];
    expect(remembered(known, client(3))).toEqual([1, 2, 3, 4]);
    const store = open(known);
    const blocks = known.map((of) => store.load(of).block);
    store.close();
    expect(new Set(blocks).size).toBe(4);
    expect(remembered(known, client(1))).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['an empty one', () => writeFileSync(path, '')],
    ['another file', () => writeFileSync(path, 'something else\n'.repeat(100))],
    ['one whose header is torn', () => damage(20)],
    ['one of a version to come', () => damage(17)],
    ['one whose check is torn', () => damage(17 + 15)],
    ['one that was cut', () => truncateSync(path, SECTOR + 64 * 5 * ENTRY - 1)],
  ])('is set aside: %s', async (_, spoil) => {
    await fill([client(1)], 2);
    spoil();
    const bytes = readFileSync(path);
    const store = open([client(1)], { now: WALL + 7 });
    expect(store.createdAt).toBe(WALL + 7);
    expect(store.load(client(1)).entries).toEqual([undefined, undefined, undefined, undefined]);
    store.close();
    expect(readFileSync(`${path}.damaged`)).toEqual(bytes);
  });

  it('is kept when it comes from the future: what it remembers stays refused', async () => {
    const store = open([client(1)], { now: WALL + 1 });
    await store.write(store.load(client(1)).block, 0, { timestamp: WALL, aeadTag: Buffer.alloc(16, 1) });
    store.close();
    const again = open([client(1)], { now: WALL });
    expect(again.load(client(1)).entries[0]).toMatchObject({ timestamp: WALL });
    again.close();
    expect(existsSync(`${path}.damaged`)).toBe(false);
    expect(again.createdAt).toBe(WALL);
  });

  it('is dated anew when the clock was set, also after a reload or a restart', () => {
    const made = open([client(1)]);
    made.clockWasSet(5000, WALL + 6000);
    expect(made.createdAt).toBe(WALL + 5000);
    made.close();
    const found = open([client(1)], { now: WALL + 9000 });
    expect(found.createdAt).toBe(WALL + 5000);
    found.clockWasSet(-5000, WALL + 4000);
    expect(found.createdAt).toBe(WALL);
    found.close();
  });

  it('made while the clock was an hour ahead locks nobody out when it is right, whatever came in between', () => {
    const hour = 3_600_000;
    // The first start of this boot, then a reload, both before the clock is set.
    open([client(1)], { now: WALL + hour, boot: OTHER_BOOT }).close();
    const store = open([client(1)], { now: WALL + hour + 1000, boot: OTHER_BOOT });
    const record = new ReplayRecord(store, WALL);
    record.clockWasSet(-hour, WALL + 2000);
    expect(record.accept(client(1), WALL + 3000, Buffer.alloc(16))).toMatchObject({ fresh: true });
    store.close();
    // The clock was set while no daemon ran: the file's date lies in the future.
    open([client(1)], { now: WALL + hour, boot: BOOT }).close();
    const later = open([client(1)], { now: WALL + 4000, boot: BOOT });
    expect(later.createdAt).toBe(WALL + 4000);
    later.close();
  });

  it('is still good when growing it was broken off', async () => {
    await fill([client(1)], 2);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1000)]));
    expect(remembered([client(1)], client(1))).toEqual([1, 2, undefined, undefined]);
    expect(remembered([client(1), ...clients(100)], client(1))).toEqual([1, 2, undefined, undefined]);
    expect(statSync(path).size).toBe(SECTOR + 128 * 5 * ENTRY);
  });
});

describe('a replay file that has to take more', () => {
  it('grows by blocks of clients, and keeps the entries', async () => {
    const many = clients(130);
    await fill(many.slice(0, 60), 2);
    await fill(many.slice(60), 1);
    expect(statSync(path).size).toBe(SECTOR + 192 * 5 * ENTRY);
    for (const [i, of] of many.entries())
      expect(remembered(many, of)).toEqual([1, i < 60 ? 2 : undefined, undefined, undefined]);
  });

  it('makes room for a client that is enrolled later, without being opened anew', async () => {
    const store = open([client(1)]);
    const first = store.load(client(1)).block;
    await store.write(first, 0, entry(7));
    expect(store.makeRoom([client(1), client(2)], 4)).toBe(true);
    const { block, entries } = store.load(client(2));
    expect([block === first, entries]).toEqual([false, new Array(4).fill(undefined)]);
    await store.write(block, 3, entry(8));
    store.close();
    expect(remembered([], client(1))).toEqual([7, undefined, undefined, undefined]);
    expect(remembered([], client(2))).toEqual([undefined, undefined, undefined, 8]);
  });

  it('makes room for more clients than it has blocks', async () => {
    const store = open([client(1)]);
    const many = clients(100);
    expect(store.makeRoom(many, 4)).toBe(true);
    for (const each of many) await store.write(store.load(each).block, 0, entry(1));
    store.close();
    expect(many.map((each) => remembered([], each)[0])).toEqual(new Array(100).fill(1));
  });

  it.each([
    ['it has too few places for each client', () => {}, 5],
    ['it was deleted', () => rmSync(path), 4],
    ['another file has taken its place', () => [rmSync(path), writeFileSync(path, '')], 4],
  ])('has to be opened anew where %s', (_, spoil, places) => {
    const store = open([client(1)]);
    spoil();
    expect(store.makeRoom([client(1), client(2)], places)).toBe(false);
    store.close();
  });

  it('takes more places for each client, and keeps the entries', async () => {
    const many = clients(70);
    await fill(many, 3);
    const [first = client(0), last = client(0)] = [many[0], many[69]];
    for (const of of [first, last])
      expect(remembered(many, of, { places: 6 })).toEqual([1, 2, 3, undefined, undefined, undefined]);
    expect(statSync(path).size).toBe(SECTOR + 128 * 7 * ENTRY);
    expect(existsSync(`${path}.new`)).toBe(false);
    const store = open(many, { places: 6, now: WALL + 9 });
    expect(store.createdAt).toBe(WALL);
    store.close();
  });

  it('tells the larger block what a full one had forgotten', async () => {
    await fill([client(1)], 4);
    const store = open([client(1)], { places: 8 });
    expect(store.load(client(1)).floor).toBe(WALL + 1);
    store.close();
    const larger = open([client(1)], { places: 16 });
    expect(larger.load(client(1)).floor).toBe(WALL + 1);
    larger.close();
  });

  it('does not become smaller: there may be entries in the last places', async () => {
    await fill([client(1)], 4);
    expect(remembered([client(1)], client(1), { places: 2 })).toEqual([1, 2, 3, 4]);
  });
});

describe('a record on a replay file', () => {
  interface Message {
    readonly who: number;
    readonly timestamp: number;
    readonly aeadTag: Uint8Array;
  }

  /** Forgets nothing, but knows for each message whether a record of twelve may have forgotten one as old. */
  class Model {
    private readonly accepted: Message[] = [];

    accept(message: Message): boolean {
      const own = this.accepted.filter((other) => other.who === message.who);
      const youngest = own.map((other) => other.timestamp).sort((a, b) => b - a);
      if (message.timestamp <= (youngest[11] ?? 0) || message.timestamp <= WALL || own.includes(message)) return false;
      this.accepted.push(message);
      return true;
    }
  }

  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ who: fc.nat(1), after: fc.integer({ min: -1200, max: 1500 }) }) },
    { weight: 4, arbitrary: fc.record({ again: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  );

  it('decides as a record that forgets nothing, whatever comes and however often it is opened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const at = join(temporaryFolder(), 'replay');
        const known = [client(0), client(1)];
        const model = new Model();
        const sent: Message[] = [];
        let store = open(known, { at, places: 12 });
        let record = new ReplayRecord(store, WALL);
        let time = WALL + 2000;
        for (const next of steps) {
          if (next === 'reopen') {
            await record.settled();
            store.close();
            store = open(known, { at, places: 12, now: WALL + 1 });
            record = new ReplayRecord(store, WALL);
            continue;
          }
          if ('after' in next) {
            time += next.after;
            sent.push({ who: next.who, timestamp: time, aeadTag: Buffer.alloc(16, sent.length) });
          }
          const message = sent['again' in next ? next.again % Math.max(sent.length, 1) : sent.length - 1];
          if (message === undefined) continue;
          const { fresh } = record.accept(client(message.who), message.timestamp, message.aeadTag);
          expect(fresh).toBe(model.accept(message));
        }
        await record.settled();
        store.close();
      }),
      { numRuns: 80 },
    );
  });
});
