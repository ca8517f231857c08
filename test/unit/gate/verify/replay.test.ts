import { describe, expect, it } from 'vitest';
import { ReplayRecord } from '../../../../server-helper/verify/replay.ts';
import { memoryStore, type RememberedClient, type ReplayStore } from '../../../../server-helper/verify/replay-file.ts';
import type { ReplayEntry } from '../../../../server-helper/verify/replay-layout.ts';
import type { Address } from '../../../../src/base/addresses.ts';
import { ALICE, address, BOB, WALL } from '../support.ts';

const START = WALL - 1_000_000;

/** A disk that fails or is slow when a test says so. */
class FakeStore implements ReplayStore {
  readonly usable = true;
  readonly written: ReplayEntry[] = [];
  failing = false;
  waiting: (() => void)[] | undefined;
  constructor(
    public createdAt = 0,
    private readonly places = 8,
    private readonly known: ReplayEntry[] = [],
    private readonly floor = 0,
  ) {}

  makeRoom(): boolean {
    return true;
  }

  load(): RememberedClient {
    return { block: 0, floor: this.floor, entries: Array.from({ length: this.places }, (_, i) => this.known[i]) };
  }

  clockWasSet(byMs: number): void {
    this.createdAt += byMs;
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

const recordOn = (store: ReplayStore) => new ReplayRecord(store, START);
const accept = (record: ReplayRecord, timestamp: number, number: number, client = ALICE) => {
  const result = record.accept(client.publicKey, timestamp, tag(number));
  return result.fresh ? 'fresh' : result.reason;
};

describe('a message older than one that was accepted', () => {
  const HOME = address('198.51.100.7');
  const ELSEWHERE = address('192.0.2.66');
  const HOME6 = address('2001:db8::7');
  const from = (record: ReplayRecord, timestamp: number, number: number, source: Address, client = ALICE) =>
    record.accept(client.publicKey, timestamp, tag(number), source);
  const LEFT_OVER = {
    fresh: false,
    reason: 'replayed',
    detail: 'older than a message accepted from another address',
  };

  it('is refused from another address: somebody saw it on its way, and it never arrived', () => {
    const record = recordOn(new FakeStore());
    expect(from(record, WALL, 1, HOME)).toMatchObject({ fresh: true });
    expect(from(record, WALL - 250, 2, ELSEWHERE)).toEqual(LEFT_OVER);
  });

  it('is taken from the same address: the network may deliver in any order', () => {
    const record = recordOn(new FakeStore());
    expect(from(record, WALL, 1, HOME)).toMatchObject({ fresh: true });
    expect(from(record, WALL - 250, 2, HOME)).toMatchObject({ fresh: true });
    expect(from(record, WALL - 300, 3, ELSEWHERE)).toEqual(LEFT_OVER);
  });

  it('is taken in the other family: an attempt knocks at both', () => {
    const record = recordOn(new FakeStore());
    expect(from(record, WALL, 1, HOME6)).toMatchObject({ fresh: true });
    expect(from(record, WALL - 5, 2, HOME)).toMatchObject({ fresh: true });
    expect(from(record, WALL - 10, 3, address('2001:db8::66'))).toEqual(LEFT_OVER);
  });

  it('does not keep a client that has moved from getting in, nor another client', () => {
    const record = recordOn(new FakeStore());
    expect(from(record, WALL, 1, HOME)).toMatchObject({ fresh: true });
    expect(from(record, WALL + 1, 2, ELSEWHERE)).toMatchObject({ fresh: true });
    expect(from(record, WALL - 1000, 3, HOME, BOB)).toMatchObject({ fresh: true });
    expect(from(record, WALL, 4, HOME)).toEqual(LEFT_OVER);
  });

  it('is refused after a restart too, from wherever: the record does not say where it was accepted from', () => {
    const known = [{ timestamp: START - 10, aeadTag: tag(1) }];
    const record = recordOn(new FakeStore(0, 8, known));
    expect(from(record, START - 250, 2, ELSEWHERE)).toEqual(LEFT_OVER);
    expect(from(record, START - 9, 3, ELSEWHERE)).toMatchObject({ fresh: true });
  });

  it('is taken after a restart when it was made since: the client’s clock may have been ahead', () => {
    const known = [{ timestamp: START + 50_000, aeadTag: tag(1) }];
    const record = recordOn(new FakeStore(0, 8, known));
    expect(from(record, START + 1000, 2, HOME)).toMatchObject({ fresh: true });
  });

  it('is refused after a reload as before', () => {
    const store = new FakeStore();
    const record = recordOn(store);
    expect(from(record, WALL, 1, HOME)).toMatchObject({ fresh: true });
    const next = new ReplayRecord(store, START, record);
    expect(from(next, WALL - 250, 2, ELSEWHERE)).toEqual(LEFT_OVER);
    expect(from(next, WALL - 250, 2, HOME)).toMatchObject({ fresh: true });
  });

  it('does not matter where clients share a key', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL, 1)).toBe('fresh');
    expect(accept(record, WALL - 250, 2)).toBe('fresh');
  });
});

describe('the record of a client', () => {
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

  it('takes a clock that was set back', () => {
    const record = recordOn(new FakeStore());
    for (const [i, back] of [0, 30_000, 90_000, 119_999, 3_600_000].entries())
      expect(accept(record, WALL - back, i + 1)).toBe('fresh');
    expect(accept(record, WALL - 30_000, 2)).toBe('replayed');
  });

  it('does not belong to another client', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL, 1)).toBe('fresh');
    expect(accept(record, WALL - 500_000, 1, BOB)).toBe('fresh');
  });

  it('replaces the oldest message by a newer one when it is full, and then refuses messages as old', () => {
    const record = recordOn(new FakeStore(0, 3));
    for (const [i, ahead] of [10, 30, 20].entries()) expect(accept(record, WALL + ahead, i + 1)).toBe('fresh');
    expect(accept(record, WALL + 9, 9)).toBe('replayed');
    expect(accept(record, WALL + 10, 9)).toBe('replayed');
    expect(accept(record, WALL + 11, 4)).toBe('fresh');
    // The first message is forgotten. Neither it nor any message as old may count as new.
    expect(accept(record, WALL + 10, 1)).toBe('replayed');
    expect(accept(record, WALL + 20, 3)).toBe('replayed');
    expect(accept(record, WALL + 12, 5)).toBe('fresh');
    expect(accept(record, WALL + 11, 4)).toBe('replayed');
  });

  it('continues what the disk knows', () => {
    const record = recordOn(new FakeStore(0, 4, [{ timestamp: WALL, aeadTag: tag(1) }], WALL - 100));
    expect(accept(record, WALL, 1)).toBe('replayed');
    expect(accept(record, WALL - 100, 2)).toBe('replayed');
    expect(accept(record, WALL - 99, 3)).toBe('fresh');
  });

  it('takes nothing from before the file was made', () => {
    const record = recordOn(new FakeStore(WALL));
    expect(accept(record, WALL, 1)).toBe('replayed');
    expect(accept(record, WALL + 1, 2)).toBe('fresh');
  });
});

describe('a clock that is set', () => {
  const WEEK = 7 * 24 * 3600 * 1000;

  it('a week back makes nothing new again, whatever came in between', () => {
    const record = recordOn(new FakeStore(0, 16));
    for (let day = 0; day < 8; day++) expect(accept(record, WALL + (day * WEEK) / 7, day)).toBe('fresh');
    for (let day = 0; day < 8; day++) expect(accept(record, WALL + (day * WEEK) / 7, day)).toBe('replayed');
  });

  it('right, after it was ahead, locks nobody out', () => {
    const record = recordOn(new FakeStore());
    expect(accept(record, WALL + WEEK, 1)).toBe('fresh');
    expect(accept(record, WALL, 2)).toBe('fresh');
    expect(accept(record, WALL + WEEK, 1)).toBe('replayed');
  });

  it('right, after a knock while it was ahead, lets the same client knock from another address', () => {
    const record = recordOn(new FakeStore());
    const from = (timestamp: number, number: number, source: string) =>
      record.accept(ALICE.publicKey, timestamp, tag(number), address(source)).fresh;
    const hour = 3_600_000;
    expect(from(WALL + hour, 1, '198.51.100.7')).toBe(true);
    record.clockWasSet(-hour, WALL + 5000);
    expect(from(WALL + 6000, 2, '192.0.2.66')).toBe(true);
    // Older messages from elsewhere stay refused.
    expect(from(WALL + 4000, 3, '198.51.100.7')).toBe(false);
  });

  it('dates anew what this process had dated by it', () => {
    const store = new FakeStore(WALL);
    const record = recordOn(store);
    record.clockWasSet(-WEEK, WALL);
    expect(store.createdAt).toBe(WALL - WEEK);
    expect(accept(record, WALL - WEEK, 1)).toBe('replayed');
    expect(accept(record, WALL - WEEK + 1, 1)).toBe('fresh');
    expect(record.takesUnrecorded(START - WEEK)).toBe(false);
    expect(record.takesUnrecorded(START - WEEK + 1)).toBe(true);
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
    const result = record.accept(ALICE.publicKey, WALL, tag(1));
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

  it('and a caller can wait for that, also for messages that come meanwhile', async () => {
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
    const result = record.accept(ALICE.publicKey, timestamp, tag(number));
    return result.fresh ? await result.durable : result.reason;
  };

  it('is replaced by memory, for messages later than the start', async () => {
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

describe('a kernel that has lost its record of used tags', () => {
  it('refuses messages up to that time, and no others', () => {
    const record = recordOn(new FakeStore());
    record.refuseBefore(WALL);
    expect(record.accept(ALICE.publicKey, WALL, tag(1))).toEqual({
      fresh: false,
      reason: 'replayed',
      detail: 'older than the record of used tags',
    });
    expect(accept(record, WALL + 1, 1)).toBe('fresh');
  });

  it('is not forgotten by a reload, by an earlier time, or when the clock is set', () => {
    const store = new FakeStore();
    const before = recordOn(store);
    before.refuseBefore(WALL);
    before.refuseBefore(WALL - 1000);
    const record = new ReplayRecord(store, START, before);
    expect(accept(record, WALL, 1)).toBe('replayed');
    record.clockWasSet(-60_000, WALL - 60_000);
    expect(accept(record, WALL - 60_000, 2)).toBe('replayed');
    expect(accept(record, WALL - 59_999, 3)).toBe('fresh');
  });
});
