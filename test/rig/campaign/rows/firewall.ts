import { sleep } from '../../process.ts';
import { NEVER, nothing, type Row, startAgain } from '../row.ts';
import type { Stage } from '../stage.ts';

/** The daemon looks at its table every minute at the least. */
const PATIENCE_MS = 70_000;

const OPEN_UNTIL_PUT_BACK = 'the hidden ports, until the daemon has put its table back';

/** Waits until the daemon has put its table back, and notes how long that took. */
async function restored(stage: Stage, since: number, start: number): Promise<void> {
  await stage.scene.gate.audit(({ event }) => event === 'firewall-restored', PATIENCE_MS, since);
  stage.putBackAfter = (performance.now() - start) / 1000;
}

/** The table is changed by somebody else, and the fault ends when the daemon has noticed. */
function byOthers(name: string, act: (stage: Stage) => Promise<unknown>, more: Partial<Row> = {}): Row {
  let since = 0;
  let start = 0;
  return {
    group: 'firewall',
    name,
    history: NEVER,
    exposes: OPEN_UNTIL_PUT_BACK,
    do: async (stage) => {
      since = stage.scene.gate.events.length;
      start = performance.now();
      await act(stage);
    },
    undo: (stage) => restored(stage, since, start),
    ...more,
  };
}

function nftIs(
  mode: 'slow' | 'once' | 'always',
  when: 'in its place' | 'for new processes',
  name: string,
  more: Partial<Row> = {},
): Row {
  return {
    group: 'firewall',
    name,
    stage: { hasOwnNft: true },
    standIn: 'a script takes the place of nft',
    history: NEVER,
    do: async (stage) => {
      stage.setNft(mode);
      if (when === 'in its place') stage.signal('nft', 'SIGKILL');
      await stage.scene.send(stage.scene.seal());
      await sleep(500);
    },
    undo: async (stage) => stage.setNft('usual'),
    ...more,
  };
}

const KNOCKGATE = ['inet', 'knockgate'] as const;

/** A busy machine looked at its table once a minute. */
const SEEN_LATE = 'failed on a busy machine until 7e0ea1da';

export const firewallRows: readonly Row[] = [
  byOthers('the ruleset is flushed', (stage) => stage.on('nft', 'flush', 'ruleset'), { isShort: true }),
  byOthers('the table is deleted', (stage) => stage.on('nft', 'delete', 'table', ...KNOCKGATE)),
  byOthers('the table is flushed', (stage) => stage.on('nft', 'flush', 'table', ...KNOCKGATE), { history: SEEN_LATE }),
  byOthers('the ruleset is flushed ten times in a second', async (stage) => {
    for (let i = 0; i < 10; i++) {
      await stage.on('nft', 'flush', 'ruleset');
      await sleep(100);
    }
  }),
  byOthers(
    'the hidden ports are taken out of their set',
    (stage) => stage.on('nft', 'flush', 'set', ...KNOCKGATE, 'gated'),
    { history: SEEN_LATE },
  ),
  byOthers('the knock ports are taken out of their set', (stage) =>
    stage.on('nft', 'flush', 'set', ...KNOCKGATE, 'knockports'),
  ),
  {
    group: 'firewall',
    name: 'the tags are flushed',
    history: SEEN_LATE,
    do: (stage) => stage.on('nft', 'flush', 'map', ...KNOCKGATE, 'tags'),
    undo: nothing,
  },
  {
    group: 'firewall',
    name: 'another program loads and deletes tables of its own',
    history: NEVER,
    do: async (stage) => {
      for (let i = 0; i < 20; i++) {
        await stage.nft('table inet others { chain input { type filter hook input priority 0; } }');
        await stage.on('nft', 'delete', 'table', 'inet', 'others');
      }
    },
    undo: nothing,
  },
  {
    group: 'firewall',
    name: 'another table drops everything, and is deleted',
    history: NEVER,
    do: (stage) => stage.nft('table inet others { chain input { type filter hook input priority 0; policy drop; } }'),
    undo: (stage) => stage.on('nft', 'delete', 'table', 'inet', 'others'),
  },
  {
    group: 'firewall',
    name: 'the ruleset is flushed while no daemon runs',
    history: NEVER,
    exposes: 'the hidden ports, until a daemon starts',
    do: async (stage) => {
      await stage.scene.gate.kill9();
      await stage.on('nft', 'flush', 'ruleset');
    },
    undo: startAgain,
  },
  nftIs('slow', 'in its place', 'nft takes 0.7 s to start'),
  nftIs('once', 'in its place', 'nft fails once', { isShort: true }),
  nftIs('always', 'in its place', 'nft fails always, for a while'),
  nftIs('always', 'for new processes', 'nft fails always for new processes'),
];
