import { cpus } from 'node:os';
import { loadNft } from '../../test/rig/nft.ts';
import { sleep } from '../../test/rig/process.ts';
import { startFlood } from '../flood.ts';
import { Ground } from '../ground.ts';
import { type Figure, median, rounded } from '../results.ts';
import { knockgate } from '../subjects/knockgate.ts';
import type { Junk } from '../subjects/subject.ts';

/** Both are flooded in turn, so that what else the machine does falls on both. */
const ROUNDS = 7;
const ROUND_MS = 500;

/** How many packets a second the kernel drops with our table, beside what it drops with one rule. */
export async function dropRates(): Promise<Figure[]> {
  const grounds = {
    gated: await Ground.make('gated'),
    plain: await Ground.make('plain'),
    local: await Ground.make('local'),
  };
  const names = Object.keys(grounds) as (keyof typeof grounds)[];
  try {
    const running = await knockgate.start(grounds.gated, { clients: 1, grants: 0, knocks: 0 });
    const junk = running.junk();
    if (junk.kind !== 'udp') throw new Error('a gate is knocked at by UDP');
    await loadNft(grounds.plain.pair.target, oneRule(`udp dport ${junk.port} drop`));
    await loadNft(grounds.local.pair.target, oneRule(`udp dport ${junk.port} fib daddr type local drop`));
    const rates: Record<keyof typeof grounds, number[]> = { gated: [], plain: [], local: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of names) rates[name].push(await receivedPerSecond(grounds[name], junk));
    }
    await running.stop();
    const rate = (name: keyof typeof grounds): number => median(rates[name]) ?? 0;
    const figure = (name: string, value: number, unit: string): Figure => {
      return { figure: name, subject: 'knockgate', value: rounded(value), unit };
    };
    return [
      figure('junk dropped with the gate’s table', Math.round(rate('gated')), 'packets/s'),
      figure('junk dropped with one plain drop rule', Math.round(rate('plain')), 'packets/s'),
      figure('junk dropped with one rule that spares what is routed on', Math.round(rate('local')), 'packets/s'),
      figure('gate’s table to plain rule', rate('gated') / rate('plain'), ''),
      figure('gate’s table to a rule that spares what is routed on', rate('gated') / rate('local'), ''),
    ];
  } finally {
    for (const name of names) await grounds[name].end();
  }
}

const oneRule = (rule: string) =>
  [
    'add table inet plain',
    'add chain inet plain knock { type filter hook prerouting priority raw; }',
    `add rule inet plain knock ${rule}`,
    '',
  ].join('\n');

/** The receiving end of the cable works on the sender's processor: how fast that drops decides how much can be sent. */
async function receivedPerSecond(ground: Ground, junk: Junk): Promise<number> {
  const limits = { rate: Number.POSITIVE_INFINITY, seconds: (3 * ROUND_MS) / 1000, cpu: cpus().length - 1 };
  const flood = await startFlood(ground.pair.client, junk, limits);
  const [before, start] = [ground.received(), performance.now()];
  await sleep(ROUND_MS);
  const [after, end] = [ground.received(), performance.now()];
  await flood.stop();
  return ((after - before) * 1000) / (end - start);
}
