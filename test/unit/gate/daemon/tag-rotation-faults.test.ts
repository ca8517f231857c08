import { describe, expect, it } from 'vitest';
import { isDaemonOnly } from '../../../../server-helper/firewall/tag-marks.ts';
import { EPOCH_SECONDS } from '../../../../src/spa/tags.ts';
import { ALICE, address, BOB, SOURCE } from '../support.ts';

import {
  allAt,
  BOTH,
  BUDGET,
  boundKnock,
  EPOCH_MS,
  filled,
  MANY,
  nearAt,
  noPauses,
  ordinaryIn,
  planOf,
  rig,
  SLOTS,
} from './tag-rig.ts';

describe('a kernel that does not know which tags were used', () => {
  it('opens to none of the present, and to those of epochs to come', async () => {
    const { clock, firewall, rotation } = rig({ known: [SOURCE] });
    rotation.distrust();
    await rotation.fill();
    for (const epochs of [-2, -1, 0, 1, 2])
      expect([epochs, firewall.verdictOn(boundKnock(clock, epochs))]).toEqual([epochs, 'asks']);
    expect(firewall.verdictOn(boundKnock(clock, 3))).toBe('opens');
    // The distrust does not move on with the clock.
    clock.pass(3 * EPOCH_MS);
    await rotation.tick();
    expect(firewall.verdictOn(boundKnock(clock))).toBe('opens');
    expect(firewall.verdictOn(boundKnock(clock, -1))).toBe('asks');
  });

  it('loses none of the daemon’s tags by it', async () => {
    const { clock, firewall, rotation } = rig();
    rotation.distrust();
    await rotation.fill();
    expect(firewall.alive().sort()).toEqual(ordinaryIn(nearAt(clock.wall())));
  });
});

describe('a clock that is set', () => {
  it.each([3_600_000, -3_600_000, 45_000, -45_000, 2001, -2001])('by %i ms makes all tags anew', async (by) => {
    const { clock, firewall, rotation } = await filled({ known: [SOURCE] });
    expect(rotation.isDue()).toBe(false);
    clock.jump(by);
    expect(rotation.isDue()).toBe(true);
    expect(await rotation.tick()).toBe(by);
    expect(firewall.alive().sort()).toEqual(allAt(clock.wall()));
    expect(firewall.addedWhileAlive).toBe(0);
    expect(firewall.verdictOn(boundKnock(clock))).toBe('asks');
    clock.pass(1000);
    expect(await rotation.tick()).toBe(0);
  });

  it('back leaves every tag to the daemon that the kernel may have opened to before', async () => {
    const { clock, firewall, rotation } = await filled({ known: [SOURCE] });
    const before = firewall.alive();
    clock.jump(-45_000);
    await rotation.tick();
    const kernels = firewall.alive().filter((tag) => !isDaemonOnly(firewall.markOf(Buffer.from(tag, 'hex')) ?? 0));
    expect(kernels.filter((tag) => before.includes(tag))).toEqual([]);
  });

  it('does not bring back a used tag', async () => {
    const { clock, firewall, rotation, index } = await filled();
    const datagram = ALICE.seal(clock.wall(), 3);
    index.use(datagram);
    clock.jump(10_000);
    await rotation.tick();
    expect(firewall.markOf(datagram)).toBeUndefined();
  });

  it('little by little is followed', async () => {
    const { clock, firewall, rotation } = await filled();
    for (let i = 0; i < 600; i++) {
      clock.pass(1000);
      clock.jump(50);
      if (rotation.isDue()) expect(await rotation.tick()).toBe(0);
      const wanted = ordinaryIn(nearAt(clock.wall()));
      expect(wanted.filter((tag) => !firewall.alive().includes(tag))).toEqual([]);
    }
  });
});

describe('earlier tags of an attempt', () => {
  it('are taken back, and are used up, where they are the client’s own', async () => {
    const { clock, firewall, index, rotation } = await filled({ text: BOTH, known: [SOURCE] });
    const own = [ALICE.seal(clock.wall(), 1), boundKnock(clock)];
    const bobs = BOB.seal(clock.wall(), 1);
    const named = [...own, bobs, new Uint8Array(16)].map((datagram) => datagram.subarray(0, 16));
    await rotation.burn(named, ALICE.publicKey);
    expect(own.map((datagram) => [index.find(datagram), firewall.verdictOn(datagram)])).toEqual([
      [undefined, 'drops'],
      [undefined, 'drops'],
    ]);
    expect(index.find(bobs)?.source.client.policy.name).toBe('bob');
    expect(firewall.verdictOn(bobs)).toBe('asks');
  });

  it('are used up also where the kernel takes no change', async () => {
    const { clock, firewall, index, rotation } = await filled();
    const datagram = ALICE.seal(clock.wall(), 1);
    firewall.failing = 'burnTags';
    await expect(rotation.burn([datagram.subarray(0, 16)], ALICE.publicKey)).rejects.toThrow('burnTags');
    expect(index.find(datagram)).toBeUndefined();
  });

  it('do not stand in the way of a later change', async () => {
    const { clock, firewall, rotation } = await filled({ text: BOTH });
    await rotation.burn([BOB.seal(clock.wall(), 1).subarray(0, 16)], BOB.publicKey);
    await rotation.swap(planOf(), true);
    expect(firewall.calls).not.toContain('replaceTags');
    expect(firewall.alive().sort()).toEqual(ordinaryIn(nearAt(clock.wall())));
  });
});

describe('the lead', () => {
  it('is what the budget allows, where the kernel opens to somebody', () => {
    const seconds = BUDGET.ahead * EPOCH_SECONDS;
    expect(rig({ known: [SOURCE] }).rotation.leadSeconds).toBe(seconds);
    expect(rig({ plan: { isOrdinaryAhead: true } }).rotation.leadSeconds).toBe(seconds);
    expect(rig().rotation.leadSeconds).toBe(0);
  });
});

describe('a change that fails', () => {
  it.each(['replaceTags', 'addTags', 'openUntil'])('at %s is made good by the next tick', async (call) => {
    const { clock, firewall, rotation } = await filled({ known: [SOURCE] });
    firewall.failing = call;
    clock.jump(3_600_000);
    await expect(rotation.tick()).rejects.toThrow(call);
    firewall.failing = '';
    expect(rotation.isDue()).toBe(true);
    await rotation.tick();
    expect(rotation.isDue()).toBe(false);
    expect(firewall.alive().sort()).toEqual(allAt(clock.wall()));
  });

  it('in the middle of an epoch leaves none of its clients out', async () => {
    let slices = 0;
    const { firewall, rotation } = rig(
      { plan: MANY },
      {
        ...noPauses,
        briefly: async () => {
          slices += 1;
          if (slices === 1) firewall.failing = 'addTags';
        },
      },
    );
    await expect(rotation.fill()).rejects.toThrow('addTags');
    firewall.failing = '';
    expect(rotation.isDue()).toBe(true);
    await rotation.tick();
    expect(rotation.isDue()).toBe(false);
    expect(firewall.alive()).toHaveLength(5 * MANY.sources.length * SLOTS);
  });
});

describe('the tags of an epoch that comes into reach', () => {
  /** How often it paused for how long, when a leisurely pause takes so many milliseconds. */
  async function pausesOf(leisurelyMs: number) {
    const paused = { turn: 0, briefly: 0, atLeisure: 0 };
    const { clock, firewall, rotation } = rig(
      { plan: MANY },
      {
        ...noPauses,
        turn: async () => void paused.turn++,
        briefly: async () => void paused.briefly++,
        atLeisure: async () => {
          paused.atLeisure += 1;
          clock.pass(leisurelyMs);
        },
      },
    );
    await rotation.fill();
    const filling = { ...paused };
    clock.pass(EPOCH_MS);
    await rotation.tick();
    expect(firewall.alive()).toHaveLength(5 * MANY.sources.length * SLOTS);
    return { filling, ticking: { briefly: paused.briefly - filling.briefly, atLeisure: paused.atLeisure } };
  }

  it('are added at leisure, so that knocks do not wait; at the start there is none', async () => {
    const { filling, ticking } = await pausesOf(0);
    expect(filling).toMatchObject({ atLeisure: 0 });
    expect(filling.briefly).toBeGreaterThan(5);
    expect(ticking.briefly).toBe(0);
    expect(ticking.atLeisure).toBe(Math.floor((MANY.sources.length * SLOTS) / 1000));
  });

  it('are left to the next tick when another change waits, which adds its own first', async () => {
    let [isWaiting, slices] = [false, 0];
    const atLeisure = async () => {
      slices += 1;
      isWaiting = slices === 2;
    };
    const { clock, firewall, rotation } = rig(
      { plan: MANY },
      { ...noPauses, atLeisure, areOthersWaiting: () => isWaiting },
    );
    await rotation.fill();
    clock.pass(EPOCH_MS);
    await rotation.tick();
    expect([slices, rotation.isDue()]).toEqual([2, true]);
    const [some, all] = [firewall.alive().length, 5 * MANY.sources.length * SLOTS];
    expect(some).toBeLessThan(all);
    // The change does not wait for the epoch either.
    firewall.touched = 0;
    const added = planOf({ text: BOTH }).sources;
    await rotation.swap({ ...planOf({ plan: MANY }), sources: [...MANY.sources, ...added] }, true);
    expect(firewall.touched).toBe(5 * added.length * SLOTS);
    await rotation.tick();
    expect(rotation.isDue()).toBe(false);
    expect(firewall.alive()).toHaveLength(all + 5 * added.length * SLOTS);
    expect(firewall.addedWhileAlive).toBe(0);
  });

  it('are there soon all the same', async () => {
    const { ticking } = await pausesOf(4000);
    expect(ticking.atLeisure).toBe(2);
    expect(ticking.briefly).toBeGreaterThan(0);
  });

  it('let other work go on while many are made at once', async () => {
    let turns = 0;
    const bound = planOf({ known: Array.from({ length: 120 }, (_, i) => address(`192.0.2.${i}`)) });
    const { rotation } = rig({ plan: bound }, { ...noPauses, turn: async () => void turns++ });
    await rotation.fill();
    expect(turns).toBeGreaterThanOrEqual(Math.floor((120 * 5 * BUDGET.boundSlots) / 400));
  });
});
