import { NEVER, type Row } from '../row.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

const JUMPS: readonly [string, number][] = [
  ['two minutes', 2 * MINUTE_MS],
  ['an hour', HOUR_MS],
  ['a day', 24 * HOUR_MS],
  ['a year', YEAR_MS],
  ['ten years', 10 * YEAR_MS],
];

const STAND_IN = "the daemon's own reading of the clock; the kernel's cannot be set for one namespace";

function jump(length: string, ms: number, way: 'ahead' | 'back', isRestarted: boolean): Row {
  return {
    group: 'clock',
    name: `the clock jumps ${length} ${way}, and is put right${isRestarted ? ', with a restart in between' : ''}`,
    standIn: STAND_IN,
    ...(length === 'an hour' && way === 'back' && !isRestarted && { isShort: true }),
    stage: { hasOwnClock: true },
    history: NEVER,
    do: async (stage) => {
      stage.setClock(way === 'ahead' ? ms : -ms);
      if (isRestarted) await stage.scene.gate.restart();
      await stage.scene.send(stage.scene.seal());
    },
    undo: async (stage) => stage.setClock(0),
  };
}

export const clockRows: readonly Row[] = JUMPS.flatMap(([length, ms]) =>
  (['ahead', 'back'] as const).flatMap((way) => [false, true].map((isRestarted) => jump(length, ms, way, isRestarted))),
);
