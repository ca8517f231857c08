import { describe, expect, it } from 'vitest';
import { TagIndex } from '../../../../server-helper/verify/tags.ts';
import type { KnownClient } from '../../../../server-helper/verify/verify.ts';
import type { CryptoProvider } from '../../../../src/spa/crypto.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { EPOCH_SECONDS, epochAt, tagOf } from '../../../../src/spa/tags.ts';
import { ALICE, BOB, loadedFrom, SHORTEST, WALL } from '../support.ts';

const EPOCH = epochAt(WALL);
const { clients } = loadedFrom(`${SHORTEST}[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`);

const indexOf = (known: readonly KnownClient[] = clients, slots = 8, crypto = nodeCrypto) =>
  new TagIndex(crypto, known, slots);

/** All tags of an epoch, in hexadecimal. */
async function tagsOf(slices: Iterable<Uint8Array[]> | AsyncIterable<Uint8Array[]>): Promise<string[]> {
  const tags: string[] = [];
  for await (const slice of slices) tags.push(...slice.map((tag) => Buffer.from(tag).toString('hex')));
  return tags;
}

const noPause = async () => {};
const made = (index: TagIndex, epoch = EPOCH) => tagsOf(index.addEpoch(epoch, noPause, noPause));
const namesOf = (found: readonly KnownClient[] | undefined) => found?.map(({ policy }) => policy.name);

describe('the tags of an epoch', () => {
  it('are those that the clients send, each slot once', async () => {
    const tags = await made(indexOf());
    expect(new Set(tags).size).toBe(16);
    for (let slot = 0; slot < 8; slot++) {
      expect(tags).toContain(Buffer.from(ALICE.seal(WALL, slot).subarray(0, 16)).toString('hex'));
      expect(tags).toContain(Buffer.from(BOB.seal(WALL, slot).subarray(0, 16)).toString('hex'));
    }
    expect(tags).not.toContain(Buffer.from(ALICE.seal(WALL, 8).subarray(0, 16)).toString('hex'));
  });

  it('are not made for the gate’s previous key when its time is over', async () => {
    const [alice] = clients;
    if (alice === undefined) throw new Error('no client');
    const until = { policy: { ...alice.policy, notAfter: EPOCH * EPOCH_SECONDS * 1000 } };
    const before = { ...alice, ...until, previousPrivate: new Uint8Array(32) };
    expect(await made(indexOf([before]), EPOCH - 1)).toHaveLength(8);
    expect(await made(indexOf([before]), EPOCH)).toEqual([]);
    // Whose own time is over is named in the audit log.
    expect(await made(indexOf([{ ...alice, ...until }]), EPOCH)).toHaveLength(8);
  });

  it('come in slices with a pause after each, so that knocks do not wait', async () => {
    const many = Array.from({ length: 101 }, () => clients).flat();
    let pauses = 0;
    let turns = 0;
    const lengths: number[] = [];
    const index = indexOf(many, 64);
    for await (const slice of index.addEpoch(
      EPOCH,
      async () => void pauses++,
      async () => void turns++,
    ))
      lengths.push(slice.length);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(202 * 64);
    expect(Math.max(...lengths)).toBeLessThan(250 + 64);
    expect(pauses).toBe(lengths.length - 1);
    // 64 tags a client: after each client but those after which a slice ends.
    expect(turns).toBe(202 - pauses);
  });

  it('are here only once all are made', async () => {
    const index = indexOf();
    expect(index.has(EPOCH)).toBe(false);
    for await (const _ of index.addEpoch(EPOCH, noPause, noPause)) {
      expect(index.has(EPOCH)).toBe(false);
      break;
    }
    expect(index.has(EPOCH)).toBe(false);
    await made(index);
    expect(index.has(EPOCH)).toBe(true);
  });

  it('can be made again where that was broken off, and are still for one client each', async () => {
    const index = indexOf();
    for await (const _ of index.addEpoch(EPOCH, noPause, noPause)) break;
    expect(await made(index)).toHaveLength(16);
    expect(namesOf(index.spend(ALICE.seal(WALL, 0)))).toEqual(['alice']);
  });
});

describe('a tag', () => {
  it('is spent once', async () => {
    const index = indexOf();
    await made(index);
    const datagram = ALICE.seal(WALL, 2);
    expect(namesOf(index.spend(datagram))).toEqual(['alice']);
    expect(index.spend(datagram)).toBeUndefined();
    expect(namesOf(index.spend(ALICE.seal(WALL, 3)))).toEqual(['alice']);
    expect(namesOf(index.spend(BOB.seal(WALL, 2)))).toEqual(['bob']);
  });

  it('of another epoch, of nobody, or cut short is nobody’s', async () => {
    const index = indexOf();
    await made(index);
    expect(index.spend(ALICE.seal(WALL + 30_000, 2))).toBeUndefined();
    expect(index.spend(new Uint8Array(200))).toBeUndefined();
    expect(index.spend(ALICE.seal(WALL, 2).subarray(0, 7))).toBeUndefined();
    expect(index.spend(new Uint8Array(0))).toBeUndefined();
  });

  it('is found where the datagram is part of a larger buffer', async () => {
    const index = indexOf();
    await made(index);
    const datagram = ALICE.seal(WALL, 2);
    const packet = Buffer.concat([Buffer.alloc(28, 0xff), datagram]);
    expect(namesOf(index.spend(packet.subarray(28)))).toEqual(['alice']);
  });

  it('that two clients share belongs to both, and is spent for both', async () => {
    // One tag key for everybody: every slot collides.
    const crypto: CryptoProvider = {
      ...nodeCrypto,
      aesBlocks: (_, blocks) => nodeCrypto.aesBlocks(new Uint8Array(32), blocks),
    };
    const index = indexOf(clients, 8, crypto);
    await made(index);
    const shared = tagOf(crypto, new Uint8Array(32), { kind: 'ordinary', epoch: EPOCH, slot: 5 });
    expect(namesOf(index.spend(shared))).toEqual(['alice', 'bob']);
    expect(index.spend(shared)).toBeUndefined();
  });
});

describe('a firewall that has lost its tags', () => {
  it('gets back those that are not spent', async () => {
    const index = indexOf();
    const all = await made(index);
    const datagram = ALICE.seal(WALL, 2);
    index.spend(datagram);
    const spent = Buffer.from(datagram.subarray(0, 16)).toString('hex');
    expect(await tagsOf(index.unspent(EPOCH))).toEqual(all.filter((tag) => tag !== spent));
  });
});

describe('an index for another configuration', () => {
  it('knows what was spent before, and is to be filled all the same', async () => {
    const [before, after] = [indexOf(), indexOf()];
    await made(before);
    const datagram = ALICE.seal(WALL, 2);
    before.spend(datagram);
    after.inheritSpent(before);
    expect(after.has(EPOCH)).toBe(false);
    const tags = await made(after);
    expect(tags).toHaveLength(15);
    expect(tags).not.toContain(Buffer.from(datagram.subarray(0, 16)).toString('hex'));
    expect(after.spend(datagram)).toBeUndefined();
    expect(namesOf(after.spend(ALICE.seal(WALL, 3)))).toEqual(['alice']);
  });
});

describe('epochs out of reach', () => {
  it('are forgotten', async () => {
    const index = indexOf();
    await made(index, EPOCH);
    await made(index, EPOCH + 1);
    index.keepOnly([EPOCH + 1]);
    expect([index.has(EPOCH), index.has(EPOCH + 1)]).toEqual([false, true]);
    expect(index.spend(ALICE.seal(WALL, 2))).toBeUndefined();
    expect(namesOf(index.spend(ALICE.seal(WALL + 30_000, 2)))).toEqual(['alice']);
  });
});
