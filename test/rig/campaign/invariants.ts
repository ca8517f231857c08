import { TARGET4, TARGET6 } from '../netns.ts';
import { isOpen } from '../probe.ts';
import { sleep } from '../process.ts';
import type { Stage } from './stage.ts';

/** The owner is let in within this time of the end of a fault. */
export const BACK_WITHIN_S = 10;
const KNOCK_MAY_TAKE_MS = 12_000;
const PAUSE_MS = 100;

/**
 * Knocks with the owner's command line until a connection comes about.
 * @returns seconds since the call; undefined when it took longer than may be
 */
export async function ownerBackAfter({ scene }: Stage, patienceS = BACK_WITHIN_S): Promise<number | undefined> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  while (seconds() < patienceS) {
    const { json, code } = await scene.client.json(['knock', 'target', '--force'], KNOCK_MAY_TAKE_MS);
    const at = seconds();
    if (code === 0 && json !== undefined && at <= patienceS) return at;
    // The grant may have come after the knock was given up.
    const open = await Promise.all([TARGET4, TARGET6].map((host) => isOpen(scene.pair.client, host, 22, 200)));
    if (open.includes(true) && seconds() <= patienceS) return seconds();
    await sleep(PAUSE_MS);
  }
  return undefined;
}
