import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TARGET4, TARGET6 } from '../rig/netns.ts';
import { Scene } from '../rig/scene.ts';
import { RIGHT, SEQUENCES, WRONG } from './sequence-conditions/cases.ts';
import { caseSequences, opensTo, takeGrants } from './sequence-conditions/stage.ts';

const OTHERS = ['192.0.2.77/24', '2001:db8::77/64'];

describe('every condition of a step', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.make({ name: 'conditions', clientAddresses: OTHERS, gate: { sequences: caseSequences() } });
    // The kernel alone follows them.
    await scene.gate.kill9();
  });
  afterAll(() => scene?.end());

  it.each([
    [TARGET4, '192.0.2.77'],
    [TARGET6, '2001:db8::77'],
  ])('counts packets from the networks of a sequence alone, at %s', async (host, other) => {
    const all = RIGHT.find(([name]) => name === 'all')?.[2] ?? [];
    expect(await opensTo(scene, host, all, other)).toBe(false);
    expect(await opensTo(scene, host, all)).toBe(true);
  });

  describe.each([TARGET4, TARGET6])('at %s', (host) => {
    it.each(RIGHT)('%s opens to %s', async (_, __, packets) => {
      expect(await opensTo(scene, host, packets)).toBe(true);
    });

    it.each(WRONG)('%s stays shut to %s', async (_, __, packets) => {
      expect(await opensTo(scene, host, packets)).toBe(false);
    });

    it.each(Object.keys(SEQUENCES))('%s opens to our own client, which has the line of the gate', async (name) => {
      const host6 = host === TARGET6 ? '6' : '4';
      const { stdout } = await scene.gate.cli(['sequence', name, '--address', host, '--name', `${name}${host6}`]);
      await scene.client.add(stdout.trim());
      const { json, stderr } = await scene.client.json(['knock', `${name}${host6}`, '--force']);
      expect(json, stderr).toMatchObject({ open: true, address: host });
      expect(await takeGrants(scene.pair.target)).toBe(true);
    });
  });
});
