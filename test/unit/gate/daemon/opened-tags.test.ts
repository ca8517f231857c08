import { describe, expect, it } from 'vitest';
import { OpenedTags } from '../../../../server-helper/daemon/opened-tags.ts';
import { ordinarySource } from '../../../../server-helper/daemon/tag-sources.ts';
import type { TagClaim } from '../../../../server-helper/firewall/firewall.ts';
import type { IssuedTags } from '../../../../server-helper/verify/tags.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { ALICE, address, loadedFrom, packetOf, SHORTEST, SOURCE, WALL } from '../support.ts';

const ELSEWHERE = address('192.0.2.66');
const DATAGRAM = ALICE.seal(WALL, 1);
const TAG = Buffer.from(DATAGRAM.subarray(0, 16)).toString('hex');

/** @param claims what the kernel says each time */
function rig(claims: readonly (TagClaim | Error)[] = ['claimed'], isFirst = true) {
  const calls: string[] = [];
  const left = [...claims];
  const opened = new OpenedTags({
    claimTag: async (tag) => {
      calls.push(`claim ${Buffer.from(tag).toString('hex')}`);
      const claim = left.shift() ?? expect.fail();
      if (claim instanceof Error) throw claim;
      return claim;
    },
    burnTags: async (tags) => {
      calls.push(...tags.map(({ tag }) => `burn ${Buffer.from(tag).toString('hex')}`));
    },
  });
  const source = ordinarySource(loadedFrom(SHORTEST).clients[0] ?? expect.fail(), isFirst);
  const issued: IssuedTags = { source, epoch: epochAt(WALL), count: 8, isDaemonOnly: !isFirst };
  return {
    calls,
    opened,
    note: (from: Uint8Array, isOpened = true) => opened.note(packetOf(DATAGRAM, from, { isOpened })),
    ask: (from = SOURCE, isOpened = false) => opened.isStillUnused(packetOf(DATAGRAM, from, { isOpened }), issued),
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

describe('a tag that needs no such care', () => {
  it('is one that the daemon alone opens to, or that the kernel has opened to for this packet', async () => {
    const byDaemon = rig([], false);
    expect(await byDaemon.ask()).toBe(true);
    const byKernel = rig([]);
    expect(await byKernel.ask(SOURCE, true)).toBe(true);
    expect([...byDaemon.calls, ...byKernel.calls]).toEqual([]);
  });
});
