import { sleep } from '../../test/rig/process.ts';
import { Ground } from '../ground.ts';
import { type Figure, median, rounded } from '../results.ts';
import { startKnockgate } from '../subjects/knockgate.ts';
import { KNOCKERS } from '../turns.ts';

const CLIENTS = 10_000;
const KNOCKING = 20;
const PAUSE_MS = 10;

/** How long it takes to enrol one more client at a gate with 10,000, and what that does to 20 others that knock meanwhile. */
export async function addedClient(): Promise<Figure[]> {
  const ground = await Ground.make('added');
  try {
    const running = await startKnockgate(ground, { clients: CLIENTS, grants: 0, knocks: 0 });
    let isAdded = false;
    const adding = running.addClient().finally(() => {
      isAdded = true;
    });
    const times: number[] = [];
    let tried = 0;
    // All of them once, and again as long as it takes, while there are addresses that nobody has knocked from.
    for (const source of KNOCKERS) {
      if (tried >= KNOCKING && isAdded) break;
      const { ms } = await ground.prober.measure(source, await running.knock(tried % KNOCKING, source));
      tried += 1;
      if (ms !== undefined) times.push(ms);
      await sleep(PAUSE_MS);
    }
    const addedMs = await adding;
    await running.stop();
    const figure = (name: string, value: number | undefined, unit: string): Figure => {
      return { figure: name, subject: 'knockgate', value: rounded(value), unit };
    };
    return [
      figure('one client more beside 10,000, until its tags are loaded', addedMs, 'ms'),
      figure('knocks of 20 others meanwhile', tried, ''),
      figure('the same, lost', tried - times.length, ''),
      figure('the same, median', median(times), 'ms'),
      figure('the same, slowest', times.length === 0 ? undefined : Math.max(...times), 'ms'),
    ];
  } finally {
    await ground.end();
  }
}
