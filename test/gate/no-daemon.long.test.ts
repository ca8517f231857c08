import { describe, expect, it, vi } from 'vitest';
import { KNOCKERS } from '../../bench/turns.ts';
import { HEARING_SECONDS } from '../../server-helper/firewall/spa-rules.ts';
import { figure } from '../rig/figure.ts';
import { sleep } from '../rig/process.ts';
import { CROWD, crowdedStage, homesOf, knockFromHomes, type Round } from './kernel-opens/crowd.ts';
import type { Stage } from './kernel-opens/stage.ts';

/** For so long does a gate do without a daemon. */
const MINUTES = 15;
/** When the clients knock, in minutes after the daemon was last heard; the last round must end within the time. */
const ROUNDS = [0, 3, 6, 9, 12, 14.7];
/** The kernel believes for so long that a daemon hears packets. */
const HEARING_MS = (HEARING_SECONDS + 1) * 1000;

vi.setConfig({ testTimeout: (MINUTES + 5) * 60_000 });

const homes = homesOf(1);
/** Addresses that nobody has knocked from. */
const elsewhere = KNOCKERS.slice(CROWD, -1);

/** A round at each of the times; all that happened is added up. */
async function rounds(round: (n: number) => Promise<Round>) {
  const start = performance.now();
  const total = { knocks: 0, lost: 0, strangers: 0 };
  const all: number[] = [];
  for (const [n, minutes] of ROUNDS.entries()) {
    await sleep(Math.max(0, minutes * 60_000 - (performance.now() - start)));
    const { lost, strangers, ms } = await round(n);
    all.push(...ms);
    total.knocks += CROWD;
    total.lost += lost.length;
    total.strangers += strangers;
  }
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  const sorted = all.sort((a, b) => a - b).map((ms) => ms.toFixed(2));
  const took = `${sorted[sorted.length >> 1]} ms in the median, ${sorted[Math.floor(sorted.length * 0.95)]} ms for 95 %`;
  return { ...total, said: `${took}, in ${minutes} minutes` };
}

describe.concurrent('without a daemon, for 15 minutes, 20 clients', () => {
  it.each([
    ['killed', (stage: Stage) => stage.kill()],
    ['stopped', async (stage: Stage) => stage.signal('SIGSTOP')],
  ])('get in from known addresses: it was %s', async (how, end) => {
    const stage = await crowdedStage(how, homes);
    await end(stage);
    const { said, ...total } = await rounds(() => knockFromHomes(stage, homes));
    if (how === 'stopped') stage.signal('SIGCONT');
    await stage.end();
    figure(`daemon ${how}: ${JSON.stringify(total)}; ${said}`);
    expect(total).toEqual({ knocks: CROWD * ROUNDS.length, lost: 0, strangers: 0 });
  });

  it('get in from anywhere after 30 s where the first gets in, and not before', async () => {
    const stage = await crowdedStage('first', homes, { without_daemon: 'first' });
    await stage.untilTrusted();
    await stage.kill();
    const knock = (n: number) => stage.seal(n, {});
    expect(await stage.staysShut(elsewhere[0] ?? '', knock(0))).toBe(true);
    await sleep(HEARING_MS);
    const { said, ...total } = await rounds(async (round) => {
      const lost: string[] = [];
      for (let n = 0; n < CROWD; n += 1) {
        const source = elsewhere[(round * CROWD + n) % elsewhere.length] ?? '';
        if (!(await stage.opens(source, knock(n)))) lost.push(source);
      }
      const known = await knockFromHomes(stage, homes);
      return { ...known, lost: [...lost, ...known.lost] };
    });
    await stage.end();
    figure(`"first", daemon killed: ${JSON.stringify(total)}; ${said}`);
    expect(total).toEqual({ knocks: CROWD * ROUNDS.length, lost: 0, strangers: 0 });
  });
});
