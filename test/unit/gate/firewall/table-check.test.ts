import { describe, expect, it } from 'vitest';
import { TableCheck } from '../../../../server-helper/firewall/table-check.ts';
import { FakeClock } from '../support.ts';

function rig() {
  const clock = new FakeClock();
  const kernel = { table: 'as armed' as string | undefined, tags: true, watched: true, broken: false };
  const check = new TableCheck({
    steady: () => clock.steady(),
    isWatched: () => kernel.watched,
    read: async () => {
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

  it('is not, where nobody has changed anything, but for once a minute', async () => {
    const { check, clock } = rig();
    await check.remember();
    clock.pass(60_000);
    expect(check.isDue).toBe(false);
    clock.pass(1);
    expect(check.isDue).toBe(true);
    expect(await check.look()).toBe('intact');
    expect(check.isDue).toBe(false);
  });

  it('is always, where nobody would say so', async () => {
    const { check, kernel } = rig();
    await check.remember();
    kernel.watched = false;
    expect(check.isDue).toBe(true);
    await check.look();
    expect(check.isDue).toBe(true);
  });

  it('is when something may have happened: at once, but not all the time', async () => {
    const { check, clock } = rig();
    await check.remember();
    clock.pass(500);
    expect(check.doubt()).toBe(1500);
    expect(check.isDue).toBe(true);
    await check.look();
    expect(check.isDue).toBe(false);
    clock.pass(10_000);
    expect(check.doubt()).toBe(0);
  });

  it('is again when something happens meanwhile', async () => {
    const { check } = rig();
    await check.remember();
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
    await check.remember();
    const before = { ...kernel };
    Object.assign(kernel, change);
    expect(await check.look()).toBe(found);
    expect(check.isDue).toBe(true);
    Object.assign(kernel, before);
    await check.remember();
    expect(check.isDue).toBe(false);
    expect(await check.look()).toBe('intact');
  });
});
