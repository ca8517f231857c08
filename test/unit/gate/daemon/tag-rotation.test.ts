import { describe, expect, it } from 'vitest';
import { type Pauses, TagRotation } from '../../../../server-helper/daemon/tag-rotation.ts';
import { TagIndex } from '../../../../server-helper/verify/tags.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { epochAt, epochsWithin, tagOf } from '../../../../src/spa/tags.ts';
import { ALICE, FakeClock, loadedFrom, SHORTEST } from '../support.ts';
import { RecordingFirewall } from './support.ts';

const TOLERANCE = 60_000;
const SLOTS = 8;
const { clients } = loadedFrom(SHORTEST);
const tagKey = clients[0]?.pair.tagKey ?? new Uint8Array(32);

const noPauses: Pauses = { turn: async () => {}, briefly: async () => {}, atLeisure: async () => {} };

function rig(tolerance = TOLERANCE, pauses = noPauses) {
  const clock = new FakeClock();
  const firewall = new RecordingFirewall(clock);
  const index = new TagIndex(nodeCrypto, clients, SLOTS);
  const rotation = new TagRotation(clock, firewall, index, tolerance, pauses);
  return { clock, firewall, index, rotation };
}

const tagsOf = (epoch: number) =>
  Array.from({ length: SLOTS }, (_, slot) =>
    Buffer.from(tagOf(nodeCrypto, tagKey, { kind: 'ordinary', epoch, slot })).toString('hex'),
  );
const tagsOfAll = (epochs: readonly number[]) => epochs.flatMap(tagsOf).sort();

describe('the tags in the kernel', () => {
  it('are, over hours, those of exactly the epochs in tolerance, each added once', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill();
    const seen = new Map<number, string>();
    let ticks = 0;
    for (let second = 0; second < 3 * 3600; second++) {
      const epochs = epochsWithin(clock.wall(), TOLERANCE);
      const expected = seen.get(epochs[0] ?? 0) ?? tagsOfAll(epochs).join();
      seen.set(epochs[0] ?? 0, expected);
      // Five epochs, or where the tolerance just touches another, as many as it touches.
      expect(firewall.alive().sort().join()).toBe(epochs.length === 5 ? expected : tagsOfAll(epochs).join());
      clock.pass(1000);
      if (!rotation.isDue()) continue;
      ticks += 1;
      expect(await rotation.tick()).toBe(0);
    }
    expect(ticks).toBe(3 * 120);
    expect(firewall.addedWhileAlive).toBe(0);
    expect(firewall.calls.filter((call) => call === 'clearTags')).toHaveLength(1);
  });

  it('end by themselves when nobody ticks', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill();
    const last = epochAt(clock.wall() + TOLERANCE);
    const end = (last + 1) * 30_000 + TOLERANCE - clock.wall();
    clock.pass(end - 1);
    expect(firewall.alive()).toHaveLength(SLOTS);
    clock.pass(1000);
    expect(firewall.alive()).toEqual([]);
  });

  it('come with the present epoch first, then its neighbours', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill();
    const present = epochAt(clock.wall());
    const order = firewall.alive().map((tag) => {
      const offset = [-2, -1, 0, 1, 2].find((by) => tagsOf(present + by).includes(tag));
      return Math.abs(offset ?? 9);
    });
    expect(order.slice(0, SLOTS)).toEqual(new Array(SLOTS).fill(0));
    expect(order).toEqual([...order].sort());
  });

  it('wake late when the machine slept, without a jump where both clocks slept', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill();
    clock.pass(600_000);
    expect(await rotation.tick()).toBe(0);
    expect(firewall.alive().sort()).toEqual(tagsOfAll(epochsWithin(clock.wall(), TOLERANCE)));
  });

  it('follow another tolerance', async () => {
    const { clock, firewall, rotation, index } = rig();
    await rotation.fill();
    await rotation.swap(index, 10_000, true);
    expect(firewall.alive().sort()).toEqual(tagsOfAll(epochsWithin(clock.wall(), 10_000)));
    await rotation.swap(index, 120_000, true);
    expect(firewall.alive().sort()).toEqual(tagsOfAll(epochsWithin(clock.wall(), 120_000)));
  });
});

describe('a clock that is set', () => {
  it.each([3_600_000, -3_600_000, 45_000, -45_000, 2001, -2001])('by %i ms makes all tags anew', async (by) => {
    const { clock, firewall, rotation, index } = rig();
    await rotation.fill();
    expect(rotation.isDue()).toBe(false);
    clock.jump(by);
    expect(rotation.isDue()).toBe(true);
    expect(await rotation.tick()).toBe(by);
    const epochs = epochsWithin(clock.wall(), TOLERANCE);
    expect(firewall.alive().sort()).toEqual(tagsOfAll(epochs));
    expect(index.has(epochs[0] ?? 0)).toBe(true);
    expect(firewall.addedWhileAlive).toBe(0);
    clock.pass(1000);
    expect(await rotation.tick()).toBe(0);
  });

  it('does not bring back a spent tag', async () => {
    const { clock, firewall, rotation, index } = rig();
    await rotation.fill();
    const datagram = ALICE.seal(clock.wall(), 3);
    index.spend(datagram);
    clock.jump(10_000);
    await rotation.tick();
    expect(firewall.alive()).not.toContain(Buffer.from(datagram.subarray(0, 16)).toString('hex'));
  });

  it('little by little is followed', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill();
    for (let i = 0; i < 600; i++) {
      clock.pass(1000);
      clock.jump(50);
      if (rotation.isDue()) expect(await rotation.tick()).toBe(0);
      const wanted = tagsOfAll(epochsWithin(clock.wall(), TOLERANCE));
      expect(wanted.filter((tag) => !firewall.alive().includes(tag))).toEqual([]);
    }
  });
});

describe('a change that fails', () => {
  it.each(['clearTags', 'addTags'])('at %s is made good by the next tick', async (call) => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill();
    firewall.failing = call;
    clock.jump(3_600_000);
    await expect(rotation.tick()).rejects.toThrow(call);
    firewall.failing = '';
    expect(rotation.isDue()).toBe(true);
    await rotation.tick();
    expect(rotation.isDue()).toBe(false);
    expect(firewall.alive().sort()).toEqual(tagsOfAll(epochsWithin(clock.wall(), TOLERANCE)));
  });

  it('in the middle of an epoch leaves none of its clients out', async () => {
    const { clock, firewall } = rig();
    const many = Array.from({ length: 300 }, (_, i) => ({
      ...(clients[0] ?? expect.fail()),
      pair: { ...(clients[0] ?? expect.fail()).pair, tagKey: Buffer.alloc(32, `key ${i}`) },
    }));
    const index = new TagIndex(nodeCrypto, many, SLOTS);
    let slices = 0;
    const briefly = async () => {
      slices += 1;
      if (slices === 1) firewall.failing = 'addTags';
    };
    const rotation = new TagRotation(clock, firewall, index, TOLERANCE, { ...noPauses, briefly });
    await expect(rotation.fill()).rejects.toThrow('addTags');
    firewall.failing = '';
    expect(rotation.isDue()).toBe(true);
    await rotation.tick();
    expect(rotation.isDue()).toBe(false);
    expect(firewall.alive()).toHaveLength(5 * 300 * SLOTS);
  });
});

describe('the tags of an epoch that comes into reach', () => {
  const many = Array.from({ length: 300 }, (_, i) => ({
    ...(clients[0] ?? expect.fail()),
    pair: { ...(clients[0] ?? expect.fail()).pair, tagKey: Buffer.alloc(32, `key ${i}`) },
  }));

  /** How often it paused for how long, when a leisurely pause takes so many milliseconds. */
  async function pausesOf(leisurelyMs: number) {
    const clock = new FakeClock();
    const firewall = new RecordingFirewall(clock);
    const paused = { briefly: 0, atLeisure: 0 };
    const briefly = async () => {
      paused.briefly += 1;
    };
    const atLeisure = async () => {
      paused.atLeisure += 1;
      clock.pass(leisurelyMs);
    };
    const index = new TagIndex(nodeCrypto, many, SLOTS);
    const rotation = new TagRotation(clock, firewall, index, TOLERANCE, { ...noPauses, briefly, atLeisure });
    await rotation.fill();
    const filling = { ...paused };
    clock.pass(30_000);
    await rotation.tick();
    expect(firewall.alive()).toHaveLength(5 * 300 * SLOTS);
    return { filling, ticking: { briefly: paused.briefly - filling.briefly, atLeisure: paused.atLeisure } };
  }

  it('are added at leisure, so that knocks do not wait; at the start there is none', async () => {
    const { filling, ticking } = await pausesOf(0);
    expect(filling).toMatchObject({ atLeisure: 0 });
    expect(filling.briefly).toBeGreaterThan(5);
    expect(ticking).toEqual({ briefly: 0, atLeisure: filling.briefly / 5 });
  });

  it('are there soon all the same', async () => {
    const { ticking } = await pausesOf(4000);
    expect(ticking.atLeisure).toBe(2);
    expect(ticking.briefly).toBeGreaterThan(0);
  });
});
