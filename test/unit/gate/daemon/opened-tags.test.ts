import { describe, expect, it } from 'vitest';
import { OpenedTags } from '../../../../server-helper/daemon/opened-tags.ts';
import { ordinarySource } from '../../../../server-helper/daemon/tag-sources.ts';
import type { TagClaim } from '../../../../server-helper/firewall/firewall.ts';
import type { IssuedTags } from '../../../../server-helper/verify/tags.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { ALICE, address, loadedFrom, packetOf, SHORTEST, SOURCE, WALL } from '../support.ts';
import { type Scene, startedScene } from './support.ts';

const ELSEWHERE = address('192.0.2.66');
const DATAGRAM = ALICE.seal(WALL, 1);
const TAG = Buffer.from(DATAGRAM.subarray(0, 16)).toString('hex');

/**
 * @param claims what the kernel says each time
 * @param isByKernel whether the kernel opens to the tag, and was ever given it to do so
 */
function rig(
  claims: readonly (TagClaim | Error)[] = ['claimed'],
  { isByKernel = true, wasByKernel = isByKernel }: { isByKernel?: boolean; wasByKernel?: boolean } = {},
) {
  const calls: string[] = [];
  const left = [...claims];
  const opened = new OpenedTags({
    claimTag: async (tag) => {
      calls.push(`claim ${Buffer.from(tag).toString('hex')}`);
      const claim = left.shift() ?? expect.fail();
      if (claim instanceof Error) throw claim;
      return claim;
    },
    burnTags: async (loaded) => {
      calls.push(...loaded.flatMap(({ tags }) => tags).map((tag) => `burn ${tag}`));
    },
  });
  const source = ordinarySource(loadedFrom(SHORTEST).clients[0] ?? expect.fail(), isByKernel);
  const issued: IssuedTags = { source, epoch: epochAt(WALL), count: 8, isDaemonOnly: !isByKernel };
  return {
    calls,
    opened,
    note: (from: Uint8Array, isOpened = true) => opened.note(packetOf(DATAGRAM, from, { isOpened })),
    ask: (from = SOURCE, isOpened = false) =>
      opened.isStillUnused(packetOf(DATAGRAM, from, { isOpened }), issued, wasByKernel),
  };
}

describe('a tag that the kernel may open to while the daemon judges it', () => {
  it('is noted as used in the kernel', async () => {
    const { calls, ask } = rig();
    expect(await ask()).toBe(true);
    expect(calls).toEqual([`claim ${TAG}`]);
  });

  it.each([
    ['for somebody else', ELSEWHERE, false],
    ['for the same address', SOURCE, true],
  ])('and that it has opened to %s', async (_, source, isUnused) => {
    const { note, ask } = rig(['opened']);
    note(source);
    expect(await ask()).toBe(isUnused);
  });

  it.each([
    ['for somebody else', ELSEWHERE, false],
    ['for the same address', SOURCE, true],
  ])('and that it has opened to %s, of which the daemon hears later', async (_, source, isUnused) => {
    const { note, ask } = rig(['opened']);
    const asked = ask();
    await new Promise((resolve) => setTimeout(resolve, 20));
    note(source);
    expect(await asked).toBe(isUnused);
  });

  it('and that it has opened to, is used even if the daemon never learns for whom', async () => {
    expect(await rig(['opened']).ask()).toBe(false);
  });

  it('counts as opened for the first one alone', async () => {
    const { note, ask } = rig(['opened', 'opened']);
    for (const source of [SOURCE, ELSEWHERE]) note(source);
    expect([await ask(SOURCE), await ask(ELSEWHERE)]).toEqual([true, false]);
  });

  it('is not used by a packet about which the kernel asks', async () => {
    const { note, ask } = rig(['opened']);
    note(SOURCE, false);
    expect(await ask()).toBe(false);
  });

  it.each([
    ['has no room yet', ['full', 'full'], true],
    ['has room by then', ['full', 'claimed'], true],
    ['has opened before the tag was gone', ['full', 'opened'], false],
  ] as const)('is taken from a kernel that has no room to note it, and %s', async (_, claims, isUnused) => {
    const { calls, ask } = rig(claims);
    expect(await ask()).toBe(isUnused);
    expect(calls).toEqual([`claim ${TAG}`, `burn ${TAG}`, `claim ${TAG}`]);
  });

  it('counts as used when the kernel says nothing', async () => {
    expect(await rig([new Error('nft ended')]).ask()).toBe(false);
  });
});

describe('a tag that the kernel leaves to the daemon by now', () => {
  const LEFT = { isByKernel: false, wasByKernel: true };

  it('is noted as used in the kernel', async () => {
    const { calls, ask } = rig(['claimed'], LEFT);
    expect(await ask()).toBe(true);
    expect(calls).toEqual([`claim ${TAG}`]);
  });

  it.each([
    ['a daemon that gave it to the kernel', LEFT],
    ['a daemon that does not know that the kernel ever had it', { isByKernel: false }],
  ])('and that it has opened to before for somebody else, is used: to %s', async (_, marks) => {
    const { note, ask } = rig(['opened'], marks);
    note(ELSEWHERE);
    expect(await ask()).toBe(false);
  });

  const FIRST = SHORTEST.replace('[gate]', '[gate]\nwithout_daemon = "first"');

  it.each([
    [
      'the clock was set',
      async ({ clock, gate }: Scene) => {
        clock.jump(3000);
        await gate.second();
      },
    ],
    [
      'a reload says that it opens to known addresses alone',
      async ({ gate }: Scene) => gate.reload(loadedFrom(SHORTEST)),
    ],
    [
      'a reload makes its client a strict one',
      async ({ gate }: Scene) => gate.reload(loadedFrom(`${FIRST}strict = true\n`)),
    ],
    [
      'a reload names networks of its client',
      async ({ gate }: Scene) => gate.reload(loadedFrom(`${FIRST}sources = ["192.0.2.0/24"]\n`)),
    ],
  ])('and that it has opened to before, opens to nobody else when %s', async (_, leave) => {
    const scene = await startedScene(FIRST);
    const { clock, firewall, knock } = scene;
    // When the clock is set, the replay record is dated anew; it must not be the one that refuses.
    clock.pass(60_000);
    await scene.gate.second();
    const own = ALICE.seal(clock.wall(), 1);
    await leave(scene);
    firewall.claimTag = async () => 'opened';
    expect(await knock(own, ELSEWHERE)).toMatchObject([{ event: 'refused', reason: 'replayed' }]);
  });
});

describe('a tag that needs no such care', () => {
  it('is every one of a gate whose kernel opens to known addresses alone', async () => {
    const { clock, firewall, knock } = await startedScene();
    expect(await knock(ALICE.seal(clock.wall(), 1))).toMatchObject([{ event: 'granted' }]);
    expect(firewall.calls).not.toContain('claimTag');
  });

  it('is one that the daemon alone opens to, or that the kernel has opened to for this packet', async () => {
    const byDaemon = rig([], { isByKernel: false });
    expect(await byDaemon.ask()).toBe(true);
    const byKernel = rig([]);
    expect(await byKernel.ask(SOURCE, true)).toBe(true);
    expect([...byDaemon.calls, ...byKernel.calls]).toEqual([]);
  });
});
