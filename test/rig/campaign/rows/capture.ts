import { flood } from '../../flood.ts';
import { TARGET4, TARGET6 } from '../../netns.ts';
import { KNOCK_PORT } from '../../scene.ts';
import { NEVER, nothing, type Row } from '../row.ts';
import type { Stage } from '../stage.ts';

const LASTS_MS = 2000;
const UNBOUNDED = 10_000_000;

const junk = ({ scene }: Stage, size: number, host = TARGET4, port = KNOCK_PORT) =>
  flood(scene.pair.client, { host, port, size, count: UNBOUNDED, timeMs: LASTS_MS });

function flooded(name: string, act: (stage: Stage) => Promise<unknown>, more: Partial<Row> = {}): Row {
  return { group: 'capture', name, history: NEVER, do: act, undo: nothing, ...more };
}

export const captureRows: readonly Row[] = [
  flooded('two seconds of junk of the size of a knock', (stage) => junk(stage, 200), { isShort: true }),
  flooded('two seconds of junk of 1400 bytes', (stage) => junk(stage, 1400)),
  flooded('two seconds of junk of 16 bytes', (stage) => junk(stage, 16)),
  flooded('two seconds of junk over IPv6', (stage) => junk(stage, 200, TARGET6)),
  flooded('two seconds of junk at the second knock port', (stage) => junk(stage, 200, TARGET4, 62201)),
  flooded('two seconds of one used knock, sent as fast as can be', async ({ scene }) => {
    const datagram = scene.seal();
    await scene.outcome(datagram);
    await scene.flood({ bodies: [datagram], count: UNBOUNDED, timeMs: LASTS_MS });
  }),
  flooded('twenty genuine knocks at once', async ({ scene }) => {
    const bodies = Array.from({ length: 20 }, () => scene.seal());
    await scene.flood({ bodies, count: bodies.length });
  }),
  flooded('twenty altered copies of fresh knocks', async ({ scene }) => {
    const bodies = Array.from({ length: 20 }, () => {
      const altered = Uint8Array.from(scene.seal());
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
      return altered;
    });
    await scene.flood({ bodies, count: bodies.length });
  }),
];
