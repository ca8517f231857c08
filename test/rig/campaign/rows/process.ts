import { NEVER, nothing, type Row, startAgain } from '../row.ts';
import type { Stage } from '../stage.ts';

type Program = 'daemon' | 'tcpdump' | 'nft';
type When = 'before a knock' | 'as a knock arrives' | 'after the grant';

const WHENS: readonly When[] = ['before a knock', 'as a knock arrives', 'after the grant'];

/** Where the row is on the way from packet to grant when the signal comes. */
async function at(when: When, stage: Stage, act: () => void): Promise<void> {
  const { scene } = stage;
  if (when === 'after the grant') await scene.outcome(scene.seal());
  const sent = when === 'as a knock arrives' ? scene.send(scene.seal()) : undefined;
  act();
  await sent;
}

function killed(program: Program, when: When, isShort: boolean): Row {
  return {
    group: 'process',
    name: `${program} killed ${when}`,
    ...(isShort && { isShort }),
    history: NEVER,
    do: (stage) => at(when, stage, () => stage.signal(program, 'SIGKILL')),
    undo: program === 'daemon' ? startAgain : nothing,
  };
}

function stopped(program: Program, when: When): Row {
  return {
    group: 'process',
    name: `${program} stopped (SIGSTOP) ${when}`,
    history: NEVER,
    do: (stage) => at(when, stage, () => stage.signal(program, 'SIGSTOP')),
    undo: async (stage) => stage.signal(program, 'SIGCONT'),
  };
}

const PROGRAMS: readonly Program[] = ['daemon', 'tcpdump', 'nft'];

export const processRows: readonly Row[] = [
  ...PROGRAMS.flatMap((program) => WHENS.map((when) => killed(program, when, when === 'as a knock arrives'))),
  ...PROGRAMS.flatMap((program) => WHENS.map((when) => stopped(program, when))),
  {
    group: 'process',
    name: 'all three killed at once',
    history: NEVER,
    do: async (stage) => {
      for (const program of PROGRAMS) stage.signal(program, 'SIGKILL');
    },
    undo: startAgain,
  },
];
