import { afterEach, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { sleep } from '../../rig/process.ts';
import { Together } from './together.ts';

/** The tolerance below, and an epoch, give or take. */
const UNTIL_TRUSTED_MS = 40_000;

/** A gate that runs, daemon and all: kernel and daemon together let one address in for each tag. */
export function hammerTogether(tags: number): void {
  describe(`one genuine message, sent from several unknown addresses at the same moment, ${tags} times`, () => {
    let together: Together | undefined;
    afterEach(async () => {
      await together?.end();
      together = undefined;
    });

    it.each([2, 3])('lets one in, by the daemon: %i senders', async (senders) => {
      together = await Together.make({});
      const result = await together.hammerAll(tags, senders);
      figure(`${senders} senders, the daemon decides: ${JSON.stringify(result)}`);
      expect(result).toMatchObject({ openedTwice: 0, byKernel: 0 });
      expect(result.byDaemon).toBeGreaterThan(tags / 2);
    });
  });
}

/** The same where the kernel believes in turns that a daemon hears and that none does, so that both judge one tag. */
export function hammerInTurns(tags: number): void {
  describe(`the same, where the first gets in without a daemon, ${tags} times`, () => {
    it.each([2, 3])('lets one in, by kernel or daemon: %i senders', async (senders) => {
      const together = await Together.make({ without_daemon: 'first', clock_tolerance: 5 });
      // Until then the kernel opens to no tag that may have been used before there was its table.
      await sleep(UNTIL_TRUSTED_MS);
      const result = await together.hammerAll(tags, senders, true);
      await together.end();
      figure(`${senders} senders, kernel and daemon decide in turns: ${JSON.stringify(result)}`);
      expect(result).toMatchObject({ openedTwice: 0 });
      expect(result.byKernel).toBeGreaterThan(0);
      expect(result.byDaemon).toBeGreaterThan(0);
    });
  });
}
