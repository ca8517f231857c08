import { describe, expect, it } from 'vitest';
import { type TagNeeds, tagBudget } from '../../../../server-helper/daemon/tag-budget.ts';
import { BOUND_SLOTS } from '../../../../src/spa/tags.ts';

const TAG_BYTES = 136;
const MB = 1024 * 1024;
const USUAL: TagNeeds = {
  clients: 10,
  addresses: new Array<number>(10).fill(6),
  slots: 32,
  near: 5,
  leadSeconds: 900,
  isOrdinaryAhead: false,
  memoryBytes: 64 * MB,
};

/** Bytes that a budget takes. */
function taken(needs: TagNeeds): { ordinary: number; all: number } {
  const { ahead, boundSlots, addresses } = tagBudget(needs);
  const ordinary = needs.clients * needs.slots * needs.near;
  const places = needs.addresses.reduce((sum, count) => sum + Math.min(count, addresses), 0);
  const ordinaryAhead = needs.isOrdinaryAhead ? needs.clients * boundSlots * ahead : 0;
  return {
    ordinary: ordinary * TAG_BYTES,
    all: (ordinary + places * boundSlots * (needs.near + ahead) + ordinaryAhead) * TAG_BYTES,
  };
}

const MEMORIES = Array.from({ length: 400 }, (_, i) => 1000 * 1.03 ** i).filter((bytes) => bytes < 64 * MB);

describe('the budget of tags', () => {
  it('gives everything where there is room', () => {
    expect(tagBudget(USUAL)).toEqual({ ahead: 30, boundSlots: BOUND_SLOTS, addresses: 6 });
  });

  it.each([true, false])(
    'never takes more than the memory, but for ordinary tags of the present (first: %s)',
    (first) => {
      for (const clients of [1, 10, 200, 3000])
        for (const memoryBytes of MEMORIES) {
          const addresses = Array.from({ length: Math.ceil(clients / 2) }, (_, i) => 1 + (i % 6));
          const { ordinary, all } = taken({ ...USUAL, clients, addresses, memoryBytes, isOrdinaryAhead: first });
          expect([clients, memoryBytes, all <= Math.max(ordinary, memoryBytes)]).toEqual([clients, memoryBytes, true]);
        }
    },
  );

  it('shrinks the lead first, then slots, then addresses', () => {
    const budgets = MEMORIES.toReversed().map((memoryBytes) => tagBudget({ ...USUAL, memoryBytes }));
    for (const { ahead, boundSlots, addresses } of budgets) {
      expect([0, 1, 2, 4, 8]).toContain(boundSlots);
      // With twice the slots there was no room for a single epoch ahead.
      if (boundSlots < BOUND_SLOTS && addresses === 6) expect(ahead).toBeLessThan(USUAL.near + 2);
      if (addresses < 6 && addresses > 0) expect(boundSlots).toBe(1);
    }
    // Of each there was a case.
    expect(budgets.some(({ ahead, boundSlots }) => ahead < 30 && boundSlots === BOUND_SLOTS)).toBe(true);
    expect(budgets.some(({ boundSlots, addresses }) => boundSlots < BOUND_SLOTS && addresses === 6)).toBe(true);
    expect(budgets.some(({ addresses }) => addresses < 6 && addresses > 0)).toBe(true);
    expect(budgets.at(-1)).toEqual({ ahead: 0, boundSlots: 0, addresses: 0 });
  });

  it('never shrinks when it is given more', () => {
    let before = 0;
    for (const memoryBytes of MEMORIES) {
      const { addresses } = tagBudget({ ...USUAL, memoryBytes });
      expect(addresses).toBeGreaterThanOrEqual(before);
      before = addresses;
    }
  });
});
