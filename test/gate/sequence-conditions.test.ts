import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT4, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { Scene } from '../rig/scene.ts';
import { RIGHT, WRONG } from './sequence-conditions/cases.ts';
import { caseSequences, opensTo } from './sequence-conditions/stage.ts';

/** Runs that need no pause. */
const isQuick = ([, written]: (typeof RIGHT)[number]) => !written.includes('after=');
/** A length that no SYN of our client has. */
const BARE = { name: 'bare', steps: ['tcp/7009:length=20', 'udp/7019', 'tcp/7029'] };

/** test/gate/sequence-conditions.long.test.ts has every case, one by one, and times. */
describe('conditions of steps', () => {
  let scene: Scene;
  const sequences = [...caseSequences(), BARE];
  beforeAll(async () => {
    scene = await Scene.make({ name: 'conditions', gate: { sequences } });
  });
  afterAll(() => scene?.end());

  it('open to packets that meet them', async () => {
    const quick = RIGHT.filter(isQuick);
    const firsts = quick.filter(([name], i) => quick.findIndex((each) => each[0] === name) === i);
    for (const [name, , packets] of firsts)
      expect([name, await opensTo(scene, TARGET4, packets)]).toEqual([name, true]);
  });

  it('stay shut to packets that differ in one thing', async () => {
    // A wrong port between two runs.
    const all = WRONG.filter(isQuick).flatMap(([, , packets]) => [...packets, 'tcp/9']);
    expect(await opensTo(scene, TARGET6, all)).toBe(false);
  });

  it('are in the line of the gate, from which our client knows what to send, or that it cannot', async () => {
    const lineOf = async (name: string) =>
      (await scene.gate.cli(['sequence', name, '--address', TARGET4])).stdout.trim();
    await scene.client.add(await lineOf('all'));
    expect((await scene.client.json(['knock', 'all'])).json).toMatchObject({ open: true });
    const listed = JSON.parse((await scene.gate.cli(['list', '--json'])).stdout);
    expect(listed).toMatchObject([{ client: 'sequence all', address: CLIENT4, port: 'tcp/22' }]);
    await scene.client.add(await lineOf('bare'));
    const { code, stderr } = await scene.client.run(['knock', 'bare', '--force']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('tcp/7009:length=20: the system decides')]);
  });

  it('are gone from the table with the last sequence that has one', async () => {
    const table = async () => (await run(scene.pair.target, ['nft', 'list', 'ruleset'])).stdout;
    expect(await table()).toContain('sequence_choice_0');
    sequences.splice(0, sequences.length, { name: 'plain', steps: ['tcp/7001', 'udp/7011', 'tcp/7021'] });
    await scene.reconfigure({});
    expect(await table()).not.toMatch(/sequence_(choice|pings|early)/);
    expect(await opensTo(scene, TARGET4, ['tcp/7001', 'icmp', 'udp/7011:length=5', 'tcp/7021'])).toBe(true);
    sequences.splice(0, sequences.length, ...caseSequences());
    await scene.reconfigure({});
    const [name, , packets] = RIGHT[0] ?? ['', '', []];
    expect([name, await opensTo(scene, TARGET4, packets)]).toEqual(['length', true]);
    sequences.splice(0);
    await scene.reconfigure({});
    expect(await table()).not.toContain('sequence');
  });
});
