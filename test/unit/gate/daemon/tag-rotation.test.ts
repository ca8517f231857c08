import { describe, expect, it } from 'vitest';
import { ordinarySource } from '../../../../server-helper/daemon/tag-sources.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { ALICE, address, BOB, FakeClock, GATE_PRIVATE, loadedFrom, SHORTEST, SOURCE } from '../support.ts';

import {
  aheadAt,
  allAt,
  BOTH,
  BUDGET,
  boundIn,
  boundKnock,
  ELSEWHERE,
  EPOCH_MS,
  filled,
  nearAt,
  ordinaryIn,
  planOf,
  type Rules,
  rig,
  SLOTS,
  TOLERANCE,
} from './tag-rig.ts';

describe('the tags in the kernel', () => {
  it('are, over hours, those of exactly the epochs in reach, each added once', async () => {
    const { clock, firewall, rotation } = await filled({ known: [SOURCE] });
    const wanted = new Map<string, string>();
    let ticks = 0;
    for (let second = 0; second < 2 * 3600; second++) {
      const reach = nearAt(clock.wall()).join();
      const expected = wanted.get(reach) ?? allAt(clock.wall()).join();
      wanted.set(reach, expected);
      expect(firewall.alive().sort().join()).toBe(expected);
      clock.pass(1000);
      if (!rotation.isDue()) continue;
      ticks += 1;
      expect(await rotation.tick()).toBe(0);
    }
    expect(ticks).toBe(2 * 120);
    expect(firewall.addedWhileAlive).toBe(0);
    expect(firewall.calls).not.toContain('replaceTags');
    expect(firewall.calls).not.toContain('removeTags');
  });

  it('are ordinary ones alone where nobody is known, and none ahead', async () => {
    const { clock, firewall } = await filled();
    expect(firewall.alive().sort()).toEqual(ordinaryIn(nearAt(clock.wall())));
    expect(firewall.known()).toEqual([]);
    expect(firewall.verdictOn(ALICE.seal(clock.wall(), 1))).toBe('asks');
  });

  it('open to a known client from its address, present and ahead, and from no other', async () => {
    const { clock, firewall } = await filled({ known: [SOURCE] });
    for (const epochs of [-1, 0, 1, 1 + BUDGET.ahead])
      expect([epochs, firewall.verdictOn(boundKnock(clock, epochs))]).toEqual([epochs, 'opens']);
    expect(firewall.verdictOn(boundKnock(clock), ELSEWHERE)).toBe('asks');
    expect(firewall.verdictOn(boundKnock(clock, 3 + BUDGET.ahead))).toBe('drops');
    expect(firewall.verdictOn(boundKnock(clock, 0, BUDGET.boundSlots))).toBe('drops');
    expect(firewall.verdictOn(ALICE.seal(clock.wall(), 1, { source: SOURCE }))).toBe('asks');
  });

  it('are ahead for ordinary ones too where the kernel opens to these', async () => {
    const { clock, firewall } = await filled({ plan: { isOrdinaryAhead: true } });
    const ahead = ordinaryIn(aheadAt(clock.wall()), BUDGET.boundSlots);
    expect(firewall.alive().sort()).toEqual([...ordinaryIn(nearAt(clock.wall())), ...ahead].sort());
    expect(firewall.markOf(ALICE.seal(clock.wall(), 1))).toBe(loadedFrom(SHORTEST).clients[0]?.profile);
  });

  it('end by themselves when nobody ticks, and with them what the kernel does by itself', async () => {
    const { clock, firewall } = await filled({ known: [SOURCE] });
    const last = epochAt(clock.wall() + TOLERANCE) + BUDGET.ahead;
    expect(firewall.opensUntil).toBe((last + 1) * EPOCH_MS);
    clock.pass((last + 1) * EPOCH_MS + TOLERANCE - clock.wall() - 1);
    expect(firewall.alive()).toHaveLength(BUDGET.boundSlots);
    clock.pass(1000);
    expect(firewall.alive()).toEqual([]);
  });

  it('come with the present epoch first, then its neighbours', async () => {
    const { clock, firewall } = await filled();
    const present = epochAt(clock.wall());
    const order = firewall.alive().map((tag) => {
      const offset = [-2, -1, 0, 1, 2].find((by) => ordinaryIn([present + by]).includes(tag));
      return Math.abs(offset ?? 9);
    });
    expect(order.slice(0, SLOTS)).toEqual(new Array(SLOTS).fill(0));
    expect(order).toEqual([...order].sort());
  });

  it('that the kernel opens to take the place of all others at one moment', async () => {
    const { clock, firewall, rotation } = rig({ known: [SOURCE] });
    const replace = firewall.replaceTags.bind(firewall);
    let verdict = 'none';
    firewall.replaceTags = async (...given) => {
      await replace(...given);
      verdict = firewall.verdictOn(boundKnock(clock));
    };
    await rotation.fill();
    expect(verdict).toBe('opens');
  });

  it('wake late when the machine slept, without a jump where both clocks slept', async () => {
    const { clock, firewall, rotation } = await filled({ known: [SOURCE] });
    clock.pass(600_000);
    expect(await rotation.tick()).toBe(0);
    expect(firewall.alive().sort()).toEqual(allAt(clock.wall()));
  });

  it('let the kernel open until the end of the last epoch that was loaded, at every tick', async () => {
    const { clock, firewall, rotation } = await filled({ known: [SOURCE] });
    for (let i = 0; i < 5; i++) {
      clock.pass(EPOCH_MS);
      await rotation.tick();
      expect(firewall.opensUntil).toBe((epochAt(clock.wall() + TOLERANCE) + BUDGET.ahead + 1) * EPOCH_MS);
    }
  });
});

describe('two addresses of a client in one IPv6 network', () => {
  it('have the same tags, to which the kernel opens from both, and from no third', async () => {
    const [one, two, three] = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((text) => address(text));
    const { clock, firewall } = await filled({ known: [one ?? SOURCE, two ?? SOURCE] });
    const knock = ALICE.seal(clock.wall(), 1, { source: one }, 'bound');
    expect([one, two, three].map((source) => firewall.verdictOn(knock, source))).toEqual(['opens', 'opens', 'asks']);
    expect(firewall.alive()).toHaveLength(5 * SLOTS + (5 + BUDGET.ahead) * BUDGET.boundSlots);
  });
});

describe('a client whose time ends', () => {
  const ending = (clock: FakeClock, seconds: number) => {
    const end = new Date(clock.wall() + seconds * 1000).toISOString().replace(/\.\d+/, '');
    return `${SHORTEST}not_after = ${end}\n`;
  };

  it('gets nothing by the kernel alone from that moment on, and is still heard by the daemon', async () => {
    const { clock, firewall } = await filled({ text: ending(new FakeClock(), 20), known: [SOURCE] });
    expect(firewall.verdictOn(boundKnock(clock))).toBe('opens');
    // An epoch that begins later is the daemon's, which says why it refuses.
    expect(firewall.verdictOn(boundKnock(clock, 2))).toBe('asks');
    expect(firewall.verdictOn(boundKnock(clock, 3))).toBe('drops');
    clock.pass(20_000);
    expect(firewall.verdictOn(boundKnock(clock))).not.toBe('opens');
    expect(firewall.verdictOn(boundKnock(clock, -1))).not.toBe('opens');
    expect(firewall.verdictOn(ALICE.seal(clock.wall(), 1))).toBe('asks');
  });

  it('is not heard any more by the gate’s previous key', async () => {
    const clock = new FakeClock();
    const [client] = loadedFrom(ending(clock, 0)).clients;
    const before = { ...(client ?? expect.fail()), previousPrivate: new Uint8Array(32) };
    const { firewall } = await filled({ plan: { sources: [ordinarySource(before, false)] } });
    expect(firewall.alive().sort()).toEqual(ordinaryIn(nearAt(clock.wall()).slice(0, 3)));
  });

  it.each([
    ['not_before = 2100-01-01T00:00:00Z', 'asks'],
    ['enabled = false', 'drops'],
  ])('or has not begun (%s) is let in by nobody but the daemon', async (line, verdict) => {
    const { clock, firewall } = await filled({ text: `${SHORTEST}${line}\n`, known: [SOURCE] });
    expect(firewall.verdictOn(boundKnock(clock))).toBe(verdict);
    expect(firewall.verdictOn(ALICE.seal(clock.wall(), 1))).toBe('asks');
  });
});

describe('another plan', () => {
  const swapped = async (before: Rules, after: Rules) => {
    const scene = await filled(before);
    await scene.rotation.swap(planOf(after), true);
    return scene;
  };
  const perClient = 5 * SLOTS;
  const perPlace = (5 + BUDGET.ahead) * BUDGET.boundSlots;

  it('adds a client’s tags and touches no others', async () => {
    const { firewall } = await swapped({ known: [SOURCE] }, { text: BOTH, known: [SOURCE] });
    expect(firewall.touched).toBe(perClient + perPlace + 1);
    expect(firewall.calls).not.toContain('removeTags');
    expect(firewall.alive()).toHaveLength(2 * (perClient + perPlace));
    expect(firewall.addedWhileAlive).toBe(0);
  });

  it('removes a client’s tags and address, and touches no others', async () => {
    const { clock, firewall } = await swapped({ text: BOTH, known: [SOURCE] }, { known: [SOURCE] });
    expect(firewall.touched).toBe(perClient + perPlace + 1);
    expect(firewall.calls).not.toContain('addTags');
    expect(firewall.alive().sort()).toEqual(allAt(clock.wall()));
    expect(firewall.known()).toHaveLength(1);
  });

  it('changes a client’s marks and touches no others', async () => {
    const strict = BOTH.replace('[[client]]\nname = "bob"', '[[client]]\nstrict = true\nname = "bob"');
    const { clock, firewall } = await swapped({ text: BOTH, known: [SOURCE] }, { text: strict, known: [SOURCE] });
    // Bob's bound tags are the daemon's now: those of the present come back with another mark, those ahead do not.
    expect(firewall.touched).toBe(perPlace + 5 * BUDGET.boundSlots + 1);
    const bound = BOB.seal(clock.wall(), 1, { source: SOURCE }, 'bound');
    expect(firewall.verdictOn(bound)).toBe('asks');
    expect(firewall.verdictOn(boundKnock(clock))).toBe('opens');
  });

  it('touches nothing when it is the same', async () => {
    const { firewall } = await swapped({ text: BOTH, known: [SOURCE] }, { text: BOTH, known: [SOURCE] });
    expect(firewall.touched).toBe(0);
  });

  it('adds an address before its tags, so that the kernel opens to the first of them', async () => {
    const { clock, firewall, rotation } = await filled();
    await rotation.swap(planOf({ known: [SOURCE] }), true);
    const order = firewall.calls.filter((call) => ['addAddresses', 'addTags'].includes(call));
    expect(order[0]).toBe('addAddresses');
    expect(firewall.touched).toBe(perPlace + 1);
    expect(firewall.verdictOn(boundKnock(clock))).toBe('opens');
  });

  it('takes the tags back before their address', async () => {
    const { clock, firewall } = await swapped({ known: [SOURCE] }, {});
    const order = firewall.calls.filter((call) => call.startsWith('remove'));
    expect(order.slice(-1)).toEqual(['removeAddresses']);
    expect(firewall.verdictOn(boundKnock(clock))).toBe('drops');
    expect(firewall.known()).toEqual([]);
  });

  it('with less ahead takes back what lies beyond, and lets the kernel open no longer', async () => {
    const less = { budget: { ...BUDGET, ahead: 1 } };
    const { clock, firewall, rotation } = await swapped({ known: [SOURCE] }, { known: [SOURCE], plan: less });
    const reach = [...nearAt(clock.wall()), ...aheadAt(clock.wall(), 1)];
    expect(firewall.alive().sort()).toEqual([...ordinaryIn(nearAt(clock.wall())), ...boundIn(reach)].sort());
    expect(firewall.opensUntil).toBe((Math.max(...reach) + 1) * EPOCH_MS);
    expect(firewall.touched).toBe(3 * BUDGET.boundSlots);
    clock.pass(EPOCH_MS);
    await rotation.tick();
    expect(firewall.alive()).toHaveLength(5 * SLOTS + 6 * BUDGET.boundSlots);
  });

  it('reads a client’s rights anew though its tags stay', async () => {
    const { clock, index, firewall } = await swapped({}, { text: `${SHORTEST}longest_grant = 7\n` });
    expect(firewall.touched).toBe(0);
    expect(index.find(ALICE.seal(clock.wall(), 1))?.source.client.policy.longestGrant).toBe(7);
  });

  const endingIn = (seconds: number | undefined, previousPrivate?: Uint8Array): Rules => {
    const plan = planOf({ known: [SOURCE] });
    const notAfter = seconds === undefined ? undefined : new FakeClock().wall() + seconds * 1000;
    const sources = plan.sources.map((source) => {
      const { policy, pair, profile } = source.client;
      const client = { policy: { ...policy, notAfter }, pair, profile, ...(previousPrivate && { previousPrivate }) };
      return { ...source, client };
    });
    return { plan: { sources } };
  };

  it.each([
    ['an earlier end of a client', undefined, undefined],
    ['an earlier end of a client that had a later one', 30 * 60, undefined],
    ['an earlier end of the gate’s previous key', 30 * 60, GATE_PRIVATE],
  ])('with %s opens to none of its tags any longer', async (_, seconds, previous) => {
    const { clock, firewall, rotation } = await swapped(endingIn(seconds, previous), endingIn(10, previous));
    const knock = boundKnock(clock);
    expect(firewall.verdictOn(knock)).toBe('opens');
    clock.pass(11_000);
    await rotation.tick();
    expect(firewall.verdictOn(knock)).not.toBe('opens');
  });

  it('with a later end of a client opens to its tags until then', async () => {
    const { clock, firewall, rotation } = await swapped(endingIn(10), endingIn(undefined));
    const knock = boundKnock(clock);
    clock.pass(11_000);
    await rotation.tick();
    expect(firewall.verdictOn(knock)).toBe('opens');
  });

  it('touches nothing when a client ends at another time after all of its tags', async () => {
    const { firewall } = await swapped(endingIn(undefined), endingIn(24 * 3600));
    expect(firewall.touched).toBe(0);
  });

  it.each([10_000, 120_000])('with a tolerance of %i ms makes all tags again', async (toleranceMs) => {
    const { clock, firewall } = await swapped({}, { plan: { toleranceMs } });
    expect(firewall.calls).toContain('replaceTags');
    expect(firewall.alive().sort()).toEqual(ordinaryIn(nearAt(clock.wall(), toleranceMs)));
  });

  it.each(['removeTags', 'addAddresses', 'removeAddresses'])('makes all tags again when %s fails', async (call) => {
    const { clock, firewall, rotation } = await filled({ text: BOTH, known: [ELSEWHERE] });
    firewall.failing = call;
    await rotation.swap(planOf({ known: [SOURCE] }), true);
    expect(firewall.calls).toContain('replaceTags');
    expect(firewall.alive().sort()).toEqual(allAt(clock.wall()));
    expect(firewall.known()).toHaveLength(1);
  });

  it('makes all tags again where the kernel has lost them', async () => {
    const { firewall, rotation } = await filled();
    await rotation.swap(planOf(), false);
    expect(firewall.calls).toContain('replaceTags');
  });
});
