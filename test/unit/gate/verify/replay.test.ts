import { describe, expect, it } from 'vitest';
import { ReplayRecord } from '../../../../server-helper/verify/replay.ts';
import { memoryStore, type ReplayEntry, type ReplayStore } from '../../../../server-helper/verify/replay-file.ts';
import { ALICE, BOB, WALL } from '../support.ts';

const TOLERANCE = 60_000;
const START = WALL - 1_000_000;

/** A disk that can be told to fail, and to take its time. */
class FakeStore implements ReplayStore {
  readonly usable = true;
  readonly written: ReplayEntry[] = [];
  failing = false;
  waiting: (() => void)[] | undefined;
  constructor(
    readonly createdAt = 0,
    private readonly places = 8,
    private readonly known: ReplayEntry[] = [],
  ) {}

  load(): { block: number; entries: (ReplayEntry | undefined)[] } {
    return { block: 0, entries: Array.from({ length: this.places }, (_, i) => this.known[i]) };
  }

  async write(_block: number, _place: number, entry: ReplayEntry): Promise<void> {
    const { waiting } = this;
    if (waiting !== undefined) await new Promise<void>((resolve) => waiting.push(resolve));
    if (this.failing) throw new Error('EIO');
    this.written.push(entry);
  }

  close(): void {}
}

/** The AEAD tag of the n-th message. */
const tag = (number: number) => new Uint8Array(16).fill(number);

const recordOn = (store: ReplayStore) => new ReplayRecord(store, TOLERANCE, START);
/** A clock that has seen every date of these tests. */
const LATER = WALL + 24 * 3600 * 1000;
const accept = (record: ReplayRecord, timestamp: number, number: number, client = ALICE, now = LATER) => {
  const result = record.accept(client.publicKey, timestamp, tag(number), now);
  return result.fresh ? 'fresh' : result.reason;
};

describe('the window of a client', () => {
  it('takes a message once', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL, 1)).toBe('fresh');
    expect(accept(record, WALL, 1)).toBe('replayed');
  });

  it('takes genuine messages out of order, and of one millisecond', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL, 1)).toBe('fresh');
    expect(accept(record, WALL - 100_000, 2)).toBe('fresh');
    expect(accept(record, WALL - 50_000, 3)).toBe('fresh');
    expect(accept(record, WALL, 4)).toBe('fresh');
    expect(accept(record, WALL - 100_000, 2)).toBe('replayed');
  });

  it('ends twice the tolerance below the highest', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL, 1)).toBe('fresh');
    expect(accept(record, WALL - 2 * TOLERANCE + 1, 2)).toBe('fresh');
    expect(accept(record, WALL - 2 * TOLERANCE, 3)).toBe('replayed');
  });

  it('takes a clock that was set back within it', () => {
    const record = recordOn(new FakeStore());
    for (const [i, back] of [0, 30_000, 90_000, 119_999].entries())
      expect(accept(record, WALL - back, i + 1)).toBe('fresh');
    expect(accept(record, WALL - 130_000, 9)).toBe('replayed');
  });

  it('is no other client’s', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL, 1)).toBe('fresh');
    expect(accept(record, WALL - 500_000, 1, BOB)).toBe('fresh');
  });

  it('refuses when it is full rather than forget one that counts', () => {
    const record = recordOn(new FakeStore(0, 4));
    for (let i = 1; i <= 4; i++) expect(accept(record, WALL, i)).toBe('fresh');
    expect(accept(record, WALL, 5)).toBe('replayed');
    expect(accept(record, WALL - 1, 5)).toBe('replayed');
    // Higher by the whole window: the floor rises over the others, and gives their places back.
    expect(accept(record, WALL + 2 * TOLERANCE, 5)).toBe('fresh');
    expect(accept(record, WALL, 1)).toBe('replayed');
    for (let i = 6; i <= 8; i++) expect(accept(record, WALL + 2 * TOLERANCE, i)).toBe('fresh');
    expect(accept(record, WALL + 2 * TOLERANCE, 9)).toBe('replayed');
  });

  it('goes on where the disk knows it from', () => {
    const record = recordOn(new FakeStore(0, 4, [{ timestamp: WALL, aeadTag: tag(1) }]));
    expect(accept(record, WALL, 1)).toBe('replayed');
    expect(accept(record, WALL - 2 * TOLERANCE, 2)).toBe('replayed');
    expect(accept(record, WALL - 1, 3)).toBe('fresh');
  });

  it('takes nothing from before the file was made', () => {
    const record = recordOn(new FakeStore(WALL));
    expect(accept(record, WALL, 1)).toBe('replayed');
    expect(accept(record, WALL + 1, 2)).toBe('fresh');
  });
});

describe('a clock that was ahead and is set right', () => {
  const YEAR = 365 * 24 * 3600 * 1000;

  it('locks nobody out, and makes no accepted message new again', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL + YEAR, 1, ALICE, WALL + YEAR)).toBe('fresh');
    expect(accept(record, WALL, 2, ALICE, WALL)).toBe('fresh');
    expect(accept(record, WALL, 2, ALICE, WALL)).toBe('replayed');
    expect(accept(record, WALL - 2 * TOLERANCE, 3, ALICE, WALL)).toBe('replayed');
    // A year on, whoever recorded the first message has gained nothing.
    expect(accept(record, WALL + YEAR, 1, ALICE, WALL + YEAR)).toBe('replayed');
  });

  it('makes the date of the store count only once it has come', () => {
    const store = new FakeStore();
    Object.assign(store, { createdAt: WALL + YEAR });
    const record = recordOn(store);
    expect(accept(record, WALL, 1, ALICE, WALL)).toBe('fresh');
    expect(accept(record, WALL + YEAR, 2, ALICE, WALL + YEAR)).toBe('replayed');
  });
});

describe('a disk that takes records again', () => {
  it('is given those that it refused', async () => {
    const store = new FakeStore();
    const record = recordOn(store);
    const write = store.write.bind(store);
    store.write = () => Promise.reject(new Error('EIO'));
    accept(record, START + 1, 1);
    accept(record, START + 2, 2);
    await record.settled();
    expect(record.degraded).toBe(true);
    store.write = write;
    accept(record, START + 3, 3);
    await record.settled();
    expect(record.degraded).toBe(false);
    expect(store.written.map(({ timestamp }) => timestamp - START).sort()).toEqual([1, 2, 3]);
  });
});

describe('a message is durable', () => {
  it('only once the disk has it', async () => {
    const store = new FakeStore();
    store.waiting = [];
    const record = recordOn(store);
    const result = record.accept(ALICE.publicKey, WALL, tag(1), LATER);
    let durable: boolean | undefined;
    if (result.fresh) void result.durable.then((done) => (durable = done));
    await new Promise((resolve) => setImmediate(resolve));
    expect(durable).toBeUndefined();
    for (const goOn of store.waiting) goOn();
    await record.settled();
    await Promise.resolve();
    expect(durable).toBe(true);
    expect(store.written).toEqual([{ timestamp: WALL, aeadTag: tag(1) }]);
  });

  it('which one may wait for, also for those that come meanwhile', async () => {
    const store = new FakeStore();
    store.waiting = [];
    const record = recordOn(store);
    accept(record, WALL, 1);
    let settled = false;
    const all = record.settled().then(() => (settled = true));
    accept(record, WALL, 2);
    store.waiting[0]?.();
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    store.waiting[1]?.();
    await all;
    expect(store.written).toHaveLength(2);
  });
});

describe('a disk that takes nothing', () => {
  const durable = async (record: ReplayRecord, timestamp: number, number: number) => {
    const result = record.accept(ALICE.publicKey, timestamp, tag(number), LATER);
    return result.fresh ? await result.durable : result.reason;
  };

  it('is remembered for: in memory, for what is later than the start', async () => {
    const record = recordOn(memoryStore(8));
    expect(record.degraded).toBe(true);
    expect(await durable(record, START, 1)).toBe('state-degraded');
    expect(await durable(record, START + 1, 1)).toBe(false);
    expect(await durable(record, START + 1, 1)).toBe('replayed');
    expect(record.degraded).toBe(true);
  });

  it('is noticed at the first write, and so is that it recovered', async () => {
    const store = new FakeStore();
    const record = recordOn(store);
    expect(await durable(record, START - 10, 1)).toBe(true);
    store.failing = true;
    expect(await durable(record, START - 9, 2)).toBe(false);
    expect(record.degraded).toBe(true);
    expect(record.takesUnrecorded(START - 9)).toBe(false);
    expect(await durable(record, START - 8, 3)).toBe('state-degraded');
    expect(await durable(record, START + 1, 4)).toBe(false);
    store.failing = false;
    expect(await durable(record, START + 2, 5)).toBe(true);
    expect(record.degraded).toBe(false);
    expect(await durable(record, START - 7, 6)).toBe(true);
  });

  it('has a record of its own for each client', () => {
    const record = recordOn(memoryStore(2));
    expect([accept(record, WALL, 1), accept(record, WALL, 1, BOB)]).toEqual(['fresh', 'fresh']);
    expect(accept(record, WALL, 2)).toBe('fresh');
    expect(accept(record, WALL, 3)).toBe('replayed');
  });
});
