import { CLIENT4, CLIENT6, LINK, TARGET4, TARGET6 } from '../../netns.ts';
import { must } from '../../process.ts';
import { NEVER, nothing, type Row } from '../row.ts';
import type { Stage } from '../stage.ts';

const ip = (ns: string, ...words: string[]) => must(['ip', '-n', ns, ...words]);

/** Takes addresses from both ends of the cable. */
async function without({ scene }: Stage, version: 4 | 6): Promise<void> {
  const { client, target } = scene.pair;
  const [ours, theirs, bits] = version === 4 ? [CLIENT4, TARGET4, 24] : [CLIENT6, TARGET6, 64];
  await ip(client, 'addr', 'del', `${ours}/${bits}`, 'dev', LINK);
  await ip(target, 'addr', 'del', `${theirs}/${bits}`, 'dev', LINK);
}

/** The interface is down on the target. Addresses of IPv6 go with it, unlike those of IPv4. */
const down = ({ scene }: Stage) => ip(scene.pair.target, 'link', 'set', LINK, 'down');
async function up({ scene }: Stage): Promise<void> {
  await ip(scene.pair.target, 'link', 'set', LINK, 'up');
  await ip(scene.pair.target, 'addr', 'replace', `${TARGET6}/64`, 'dev', LINK, 'nodad');
}

async function unplug({ scene }: Stage): Promise<void> {
  await ip(scene.pair.client, 'link', 'del', LINK);
}
async function plugIn({ scene }: Stage): Promise<void> {
  const { client, target } = scene.pair;
  await ip(client, 'link', 'add', LINK, 'type', 'veth', 'peer', LINK, 'netns', target);
  const ends: [string, string, string][] = [
    [client, `${CLIENT4}/24`, `${CLIENT6}/64`],
    [target, `${TARGET4}/24`, `${TARGET6}/64`],
  ];
  for (const [ns, four, six] of ends) {
    await ip(ns, 'link', 'set', LINK, 'up');
    await ip(ns, 'addr', 'add', four, 'dev', LINK);
    await ip(ns, 'addr', 'add', six, 'dev', LINK, 'nodad');
  }
}

const row = (name: string, act: Row['do'], undo: Row['undo'] = nothing, more: Partial<Row> = {}): Row => ({
  group: 'network',
  name,
  history: NEVER,
  do: act,
  undo,
  ...more,
});

export const networkRows: readonly Row[] = [
  row('the interface goes down and comes back', down, up, { isShort: true }),
  row(
    'the interface goes down as a knock arrives',
    async (stage) => {
      await stage.scene.send(stage.scene.seal());
      await down(stage);
    },
    up,
  ),
  row('the interface disappears, and another one by its name comes', unplug, plugIn),
  row(
    'the interface disappears while the daemon is killed and starts again',
    async (stage) => {
      await stage.scene.gate.kill9();
      await unplug(stage);
      await stage.startAgain();
    },
    plugIn,
  ),
  row('IPv4 only', (stage) => without(stage, 6)),
  row('IPv6 only', (stage) => without(stage, 4)),
  row('IPv4 only from the daemon’s start on', async (stage) => {
    await without(stage, 6);
    await stage.scene.gate.restart();
  }),
  row('IPv6 only from the daemon’s start on', async (stage) => {
    await without(stage, 4);
    await stage.scene.gate.restart();
  }),
  row(
    'a third of all packets is lost',
    ({ scene }) => must(['ip', 'netns', 'exec', scene.pair.target, 'nft', '-f', '-'], { input: LOSSY }),
    (stage) => stage.on('nft', 'delete', 'table', 'inet', 'lossy'),
    { standIn: 'a rule that drops at random, since no queue (tc netem) is asked for' },
  ),
  row(
    'connection tracking is busy with 20,000 flows',
    ({ scene }) => scene.flood({ port: 9, count: 20_000, timeMs: 3000, size: 8 }),
    nothing,
    { standIn: 'many datagrams; the limit of the table is one for the whole machine' },
  ),
];

const LOSSY = `table inet lossy {
  chain in { type filter hook prerouting priority -500; numgen random mod 3 0 drop; }
}`;
