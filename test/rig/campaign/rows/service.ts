import { run } from '../../netns.ts';
import { sleep } from '../../process.ts';
import { NEVER, nothing, type Row, startAgain } from '../row.ts';
import type { Stage } from '../stage.ts';

const row = (name: string, act: Row['do'], undo: Row['undo'] = nothing, more: Partial<Row> = {}): Row => ({
  group: 'service',
  name,
  history: NEVER,
  do: act,
  undo,
  ...more,
});

/** Asks for the configuration to be read again, many times, while knocks come. */
async function reloads({ scene }: Stage, times: number, pauseMs: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    scene.gate.reload();
    if (i % 10 === 0) await scene.send(scene.seal());
    await sleep(pauseMs);
  }
}

/** A file that is wrong, and the right one again. */
const spoil = (stage: Stage) => stage.scene.gate.configureText('[gate]\nports = ["tcp/99999"]\n');
const mend = (stage: Stage) => stage.scene.configure({}, { grant: 1 });

export const serviceRows: readonly Row[] = [
  row('fifty reloads in half a second, with knocks among them', (stage) => reloads(stage, 50, 10), nothing, {
    isShort: true,
  }),
  row('reloads for two seconds', (stage) => reloads(stage, 40, 50)),
  row(
    'a reload of a file that is wrong',
    async (stage) => {
      spoil(stage);
      stage.scene.gate.reload();
    },
    async (stage) => mend(stage),
  ),
  row(
    'killed, and started with a file that is wrong',
    async (stage) => {
      await stage.scene.gate.kill9();
      spoil(stage);
      await stage.startAgain();
    },
    async (stage) => mend(stage),
  ),
  row('a second daemon is started beside the first', async ({ scene }) => {
    await scene.gate.cli(['run'], { timeout: 3000 });
  }),
  row(
    'five restarts in a row',
    async ({ scene }) => {
      for (let i = 0; i < 5; i++) await scene.gate.restart();
    },
    startAgain,
  ),
  row(
    'killed five times in a row',
    async ({ scene }) => {
      for (let i = 0; i < 5; i++) {
        await scene.gate.kill9();
        await scene.gate.start();
      }
    },
    startAgain,
  ),
  row(
    'a restart as a knock arrives',
    async ({ scene }) => {
      await Promise.all([scene.send(scene.seal()), scene.gate.restart()]);
    },
    startAgain,
    { standIn: 'the same version stops and starts, as an upgrade does it' },
  ),
  row('twenty questions for status, activity, grants and metrics', async ({ scene }) => {
    for (let i = 0; i < 5; i++)
      await Promise.all(['status', 'activity', 'list', 'metrics'].map((each) => scene.gate.cli([each])));
  }),
  row(
    'resources are tight: the daemon may open 64 files, and junk comes',
    async ({ scene }) => {
      const { pid } = scene.gate;
      if (pid === undefined) throw new Error('no daemon runs');
      await run(scene.pair.target, ['prlimit', '--pid', String(pid), '--nofile=64:64']);
      await scene.flood({ count: 100_000, timeMs: 1000 });
    },
    nothing,
    { standIn: 'the number of open files is limited to 64: a limit of memory needs control groups' },
  ),
];
