import { describe, expect, it } from 'vitest';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { TableCheck } from '../../../../server-helper/firewall/table-check.ts';
import { FakeClock, loadedFrom, SHORTEST } from '../support.ts';

const PLAN = planOf(loadedFrom(SHORTEST).config);

function rig() {
  const clock = new FakeClock();
  const kernel = { table: 'as armed' as string | undefined, tags: true, broken: false, takesMs: 0, looks: 0 };
  const check = new TableCheck({
    steady: () => clock.steady(),
    lookAround: async () => void kernel.looks++,
    read: async () => {
      clock.pass(kernel.takesMs);
      if (kernel.broken) throw new Error('no nft');
      return kernel.table;
    },
    hasTags: async () => kernel.tags,
  });
  return { clock, kernel, check };
}

describe('when to look at the table', () => {
  it('is at once where it was never seen as it should be', () => {
    expect(rig().check.isDue).toBe(true);
  });

  it('is every three seconds', async () => {
    const { check, clock } = rig();
    await check.remember(PLAN);
    clock.pass(2999);
    expect(check.isDue).toBe(false);
    clock.pass(1);
    expect(check.isDue).toBe(true);
    expect(await check.look()).toBe('intact');
    expect(check.isDue).toBe(false);
  });

  it('is more seldom where looking takes long: it may take a hundredth of the time, and 8 seconds pass at the most', async () => {
    const { check, clock, kernel } = rig();
    await check.remember(PLAN);
    for (const [takesMs, pause] of [
      [60, 6000],
      [200, 8000],
      [5000, 8000],
      [1, 3000],
    ] as const) {
      kernel.takesMs = takesMs;
      await check.look();
      clock.pass(pause - takesMs - 1);
      expect(check.isDue).toBe(false);
      clock.pass(1);
      expect(check.isDue).toBe(true);
    }
  });

  it('is at once when something failed', async () => {
    const { check, clock } = rig();
    await check.remember(PLAN);
    clock.pass(500);
    check.doubt();
    expect(check.isDue).toBe(true);
    await check.look();
    expect(check.isDue).toBe(false);
  });

  it('is again when something fails meanwhile', async () => {
    const { check } = rig();
    await check.remember(PLAN);
    const looking = check.look();
    check.doubt();
    expect(await looking).toBe('intact');
    expect(check.isDue).toBe(true);
  });
});

describe('what is found', () => {
  it.each([
    ['another table', { table: 'changed' }, 'changed'],
    ['no tags', { tags: false }, 'changed'],
    ['no table', { table: undefined }, 'gone'],
    ['nothing to ask', { broken: true }, 'gone'],
  ])('with %s, and doubted until it is as it should be', async (_, change, found) => {
    const { check, kernel } = rig();
    await check.remember(PLAN);
    const before = { ...kernel };
    Object.assign(kernel, change);
    check.doubt();
    expect(await check.look()).toBe(found);
    expect(check.isDue).toBe(true);
    Object.assign(kernel, before);
    await check.remember(PLAN);
    expect(check.isDue).toBe(false);
    expect(await check.look()).toBe('intact');
  });
});

describe('a table that is as a plan asks for', () => {
  it.each([
    ['intact, and armed with an equal plan', {}, SHORTEST, true],
    ['intact, and armed with another', {}, SHORTEST.replace('[gate]', '[gate]\nports = ["tcp/23"]'), false],
    ['changed', { table: 'changed' }, SHORTEST, false],
    ['without its tags', { tags: false }, SHORTEST, false],
    ['gone', { table: undefined }, SHORTEST, false],
  ])('is one that is %s', async (_, change, text, isAs) => {
    const { check, kernel } = rig();
    await check.remember(PLAN);
    Object.assign(kernel, change);
    expect(await check.isAs(planOf(loadedFrom(text).config))).toBe(isAs);
  });

  it('does not put off the next look', async () => {
    const { check, clock, kernel } = rig();
    await check.remember(PLAN);
    clock.pass(2000);
    const { looks } = kernel;
    expect(await check.isAs(PLAN)).toBe(true);
    clock.pass(1000);
    expect([check.isDue, kernel.looks]).toEqual([true, looks]);
  });

  it('is none before the first', async () => {
    expect(await rig().check.isAs(PLAN)).toBe(false);
  });
});
