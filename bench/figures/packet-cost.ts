import { sleep } from '../../test/rig/process.ts';
import { between, usageOf } from '../cpu.ts';
import { startFlood } from '../flood.ts';
import { Ground } from '../ground.ts';
import { knockOften } from '../measure.ts';
import { type Figure, median, rounded } from '../results.ts';
import type { Junk, Subject } from '../subjects/subject.ts';

const SETTLE_MS = 2000;
/** How long a subject is watched doing nothing, so that this is not counted as the packets' cost. */
const BASELINE_MS = 3000;
/** Children that a packet had started have ended by then. */
const AFTER_MS = 700;
/** So few a second that every subject takes all of them in. */
const REFUSED_RATE = 500;
/** Packets in one of so many turns. The median of the turns counts: in one or the other a runtime clears up, or tags are renewed. */
const REFUSED = 200;
const TURNS = 7;

/** Processor time that one packet costs a subject's processes: what the kernel does with it is not in this. */
export async function packetCosts(subject: Subject, knocks: number): Promise<Figure[]> {
  const ground = await Ground.make('cost');
  try {
    const running = await subject.start(ground, { clients: subject.turns, grants: 0, knocks });
    await sleep(SETTLE_MS);
    const used = async (work: () => Promise<number>) => {
      const [before, start] = [await usageOf(ground.subjectPids()), performance.now()];
      const packets = await work();
      const after = await usageOf(ground.subjectPids());
      return { ...between(before, after), packets, ms: performance.now() - start };
    };
    const baseline = await used(async () => {
      await sleep(BASELINE_MS);
      return 0;
    });
    const each = ({ cpuMs, ms, packets }: Awaited<ReturnType<typeof used>>) =>
      packets === 0 ? undefined : Math.max(0, cpuMs - (baseline.cpuMs / baseline.ms) * ms) / packets;
    const flood = async (junk: () => Junk) => {
      const turns: number[] = [];
      for (let n = 0; n < TURNS; n += 1) turns.push(each(await used(() => sendAll(ground, junk(), REFUSED))) ?? 0);
      return scaled(median(turns));
    };

    const accepted = await used(async () => {
      const { times } = await knockOften(ground, running, knocks);
      await sleep(AFTER_MS);
      return times.length;
    });
    const figure = (name: string, value: number | undefined, unit: string): Figure => {
      return { figure: name, subject: subject.name, value: rounded(value), unit };
    };
    const figures = [
      figure('CPU for an accepted knock', each(accepted), 'ms'),
      figure('CPU for a refused packet', await flood(running.junk), 'µs'),
    ];
    const { forged } = running;
    if (forged) {
      // Others in each turn: a tag lets one packet through.
      figures.push(figure('CPU for a forgery with a right tag', await flood(() => forged(REFUSED)), 'µs'));
    }
    await running.stop();
    return figures;
  } finally {
    await ground.end();
  }
}

const scaled = (ms: number | undefined) => (ms === undefined ? undefined : ms * 1000);

/** Sends so many packets at a rate that everybody can follow; resolves to how many went. */
async function sendAll(ground: Ground, junk: Junk, count: number): Promise<number> {
  const seconds = count / REFUSED_RATE;
  const flood = await startFlood(ground.pair.client, junk, { rate: REFUSED_RATE, seconds: seconds * 2, count });
  await sleep(seconds * 1000 + AFTER_MS);
  return (await flood.stop()).sent;
}
