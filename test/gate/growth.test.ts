import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { processesIn, run } from '../rig/netns.ts';
import { sleep } from '../rig/process.ts';
import { memoryByProcess, type ProcessMemory } from '../rig/process-memory.ts';
import { Scene } from '../rig/scene.ts';

/** As many as a gate with one client makes in a day. */
const CHANGES = 200_000;
const BATCH = 1000;
const MOST_GROWTH_KB = 1024;
/** The daemon's heap grows and shrinks between garbage collections, so the lowest of a few looks counts. */
const LOOKS = 8;

describe('the processes of a gate', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.make({ name: 'growth' });
  });
  afterAll(() => scene?.end());

  const look = (): ProcessMemory[] => memoryByProcess(processesIn(scene.pair.target)).filter(isOfTheGate);
  /** Each process at its lowest within some seconds. */
  async function lowest(): Promise<Map<number, ProcessMemory>> {
    const least = new Map<number, ProcessMemory>();
    for (let i = 0; i < LOOKS; i++) {
      for (const each of look())
        if (each.privateKb < (least.get(each.pid)?.privateKb ?? Number.POSITIVE_INFINITY)) least.set(each.pid, each);
      await sleep(1000);
    }
    return least;
  }

  it('do not grow with what changes in the sets', async () => {
    // With the first changes, each process takes the memory that it then keeps.
    await change(20_000);
    const before = await lowest();
    await change(CHANGES);
    const after = await lowest();
    const rows = [...after.values()].map(({ pid, command, privateKb }) => ({
      command,
      privateKb,
      grownKb: privateKb - (before.get(pid)?.privateKb ?? Number.NaN),
    }));
    for (const { command, privateKb, grownKb } of rows)
      figure(`${CHANGES} changes of sets: ${command}: ${privateKb} kB, ${grownKb} kB more`);
    // NaN for a process that was started meanwhile: one exchange of a session is as expected, more would be a way around.
    expect(rows.filter(({ grownKb }) => Number.isNaN(grownKb)).length).toBeLessThanOrEqual(1);
    expect(rows.filter(({ grownKb }) => grownKb > MOST_GROWTH_KB)).toEqual([]);
    expect(rows.map(({ command }) => command.split(' ')[0])).toEqual(expect.arrayContaining(['nft', 'tcpdump']));
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  }, 180_000);

  /** Adds tags and lets them run out, as the daemon and the clock do all day. */
  async function change(count: number): Promise<void> {
    const file = join(scene.gate.stateDir, 'changes.nft');
    for (let done = 0; done < count; done += BATCH) {
      const tags = Array.from(
        { length: BATCH },
        (_, i) => `0x${(0xfeed_0000_0000 + done + i).toString(16)} timeout 2s : 0x80000000`,
      );
      writeFileSync(file, `add element inet knockgate tags { ${tags.join(', ')} }\n`);
      const { code, stderr } = await run(scene.pair.target, ['nft', '-f', file]);
      expect([code, stderr]).toEqual([0, '']);
    }
  }
});

/** Not what the test itself runs there for a moment, nor sshd. */
function isOfTheGate({ command }: ProcessMemory): boolean {
  return /^(node\S* knockgated\.cjs run|nft -s|tcpdump) ?/.test(command);
}
