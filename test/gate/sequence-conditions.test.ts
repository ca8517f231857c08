import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT4, TARGET4, TARGET6 } from '../rig/netns.ts';
import { Scene } from '../rig/scene.ts';
import { RIGHT, WRONG } from './sequence-conditions/cases.ts';
import { caseSequences, opensTo } from './sequence-conditions/stage.ts';

/** Runs that need no pause. */
const isQuick = ([, written]: (typeof RIGHT)[number]) => !written.includes('after=');

/** test/gate/sequence-conditions.long.test.ts has every case, one by one, and times. */
describe('conditions of steps', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.make({ name: 'conditions', gate: { sequences: caseSequences() } });
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

  it('are in the line of the gate, from which our client knows what to send', async () => {
    const { stdout } = await scene.gate.cli(['sequence', 'all', '--address', TARGET4]);
    await scene.client.add(stdout.trim());
    expect((await scene.client.json(['knock', 'all'])).json).toMatchObject({ open: true });
    const listed = JSON.parse((await scene.gate.cli(['list', '--json'])).stdout);
    expect(listed).toMatchObject([{ client: 'sequence all', address: CLIENT4, port: 'tcp/22' }]);
  });
});
