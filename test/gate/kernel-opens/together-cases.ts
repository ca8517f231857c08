import { afterEach, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { races } from './races.ts';
import { fillSpent, Together } from './together.ts';

/** A gate that runs, daemon and all: kernel and daemon together let one address in for each tag. */
export function hammerTogether(tags: number, senderCounts: readonly number[]): void {
  describe(`one genuine message, sent from several unknown addresses, ${tags} times`, () => {
    let together: Together | undefined;
    afterEach(async () => {
      await together?.end();
      together = undefined;
    });

    it.each(senderCounts)('lets one in, by the daemon: %i senders at the same moment', async (senders) => {
      together = await Together.make('known');
      const result = await together.hammerAll(tags, senders);
      figure(`${senders} senders, the daemon decides: ${JSON.stringify(result)}`);
      expect(result).toMatchObject({ openedTwice: 0, byKernel: 0 });
      expect(result.byDaemon).toBeGreaterThan(tags / 2);
    });

    it.each(races)('lets one in, by kernel or daemon, where the first gets in: $name', async (race) => {
      together = await Together.make('first');
      const gate = together;
      const result = await together.hammerAll(tags, 2, (rounds) => race.send(gate, rounds));
      const lost = together.gate.events.filter(({ detail }) => detail === OPENED_ELSEWHERE).length;
      figure(`${race.name}: ${JSON.stringify({ ...result, lost })}`);
      expect(result).toMatchObject({ openedTwice: 0 });
      expect(result.byDaemon).toBeGreaterThan(0);
      race.expectRaced({ ...result, lost });
    });
  });
}

/** The same where the kernel has no room to note that a tag is used: it opens to none, and the daemon decides. */
export function hammerFull(tags: number): void {
  it(`one genuine message, sent from two unknown addresses, ${tags} times, while the kernel has no room for used tags`, async () => {
    const together = await Together.make('first');
    await fillSpent(together.pair.target);
    const result = await together.hammerAll(tags, 2);
    await together.end();
    figure(`no room for used tags: ${JSON.stringify(result)}`);
    expect(result).toEqual({ tags, openedTwice: 0, opened: tags, byKernel: 0, byDaemon: tags });
  });
}

/** Said of a message that the daemon would have granted, had the kernel not opened to its tag for somebody else. */
const OPENED_ELSEWHERE = 'the kernel has opened to this tag elsewhere';
