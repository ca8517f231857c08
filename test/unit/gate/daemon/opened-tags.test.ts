import { describe, expect, it } from 'vitest';
import { OpenedTags } from '../../../../server-helper/daemon/opened-tags.ts';
import { ordinarySource } from '../../../../server-helper/daemon/tag-sources.ts';
import type { LoadedTag } from '../../../../server-helper/firewall/firewall.ts';
import type { IssuedTags } from '../../../../server-helper/verify/tags.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { ALICE, address, loadedFrom, packetOf, SHORTEST, SOURCE, WALL } from '../support.ts';

const ELSEWHERE = address('192.0.2.66');
const DATAGRAM = ALICE.seal(WALL, 1);

/** @param during what happens while the tag is taken from the kernel */
function rig(isFirst = true, during = () => {}) {
  const burnt: LoadedTag[] = [];
  const opened = new OpenedTags({
    burnTags: async (tags) => {
      burnt.push(...tags);
      during();
    },
  });
  const source = ordinarySource(loadedFrom(SHORTEST).clients[0] ?? expect.fail(), isFirst);
  const issued: IssuedTags = { source, epoch: epochAt(WALL), count: 8, isDaemonOnly: !isFirst };
  return {
    burnt,
    opened,
    ask: (source = SOURCE, isOpened = false) => opened.isStillUnused(packetOf(DATAGRAM, source, { isOpened }), issued),
  };
}

describe('a tag that the kernel may open to while the daemon judges it', () => {
  it('is taken from the kernel', async () => {
    const { burnt, ask } = rig();
    expect(await ask()).toBe(true);
    expect(burnt.map(({ tag }) => Buffer.from(tag))).toEqual([Buffer.from(DATAGRAM.subarray(0, 16))]);
  });

  it.each([
    ['for somebody else', ELSEWHERE, false],
    ['for the same address', SOURCE, true],
  ])('and that it opened to at that moment %s', async (_, source, isUnused) => {
    const { opened, ask } = rig(true, () => opened.note(packetOf(DATAGRAM, source, { isOpened: true })));
    expect(await ask()).toBe(isUnused);
  });

  it('counts as opened for the first one alone', async () => {
    const { opened, ask } = rig();
    for (const source of [SOURCE, ELSEWHERE]) opened.note(packetOf(DATAGRAM, source, { isOpened: true }));
    expect([await ask(SOURCE), await ask(ELSEWHERE)]).toEqual([true, false]);
  });

  it('is not used by a packet about which the kernel asks', async () => {
    const { opened, ask } = rig();
    opened.note(packetOf(DATAGRAM, ELSEWHERE, { isOpened: false }));
    expect(await ask()).toBe(true);
  });
});

describe('a tag that needs no such care', () => {
  it('is one that the daemon alone opens to, or that the kernel has opened to for this packet', async () => {
    for (const { burnt, asked } of [
      { ...rig(false), asked: rig(false).ask() },
      { ...rig(), asked: rig().ask(SOURCE, true) },
    ]) {
      expect(await asked).toBe(true);
      expect(burnt).toEqual([]);
    }
  });
});
