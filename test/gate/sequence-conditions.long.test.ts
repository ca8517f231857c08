import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { Scene } from '../rig/scene.ts';
import { RIGHT, SEQUENCES, WRONG } from './sequence-conditions/cases.ts';
import { caseSequences, opensTo, takeGrants } from './sequence-conditions/stage.ts';

describe('every condition of a step', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.make({ name: 'conditions', gate: { sequences: caseSequences() } });
    // The kernel alone follows them.
    await scene.gate.kill9();
  });
  afterAll(() => scene?.end());

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

/** With addresses of its own, since a program may choose any of them. */
describe('the networks of a sequence', () => {
  let scene: Scene;
  beforeAll(async () => {
    const clientAddresses = ['192.0.2.77/24', '2001:db8::77/64'];
    scene = await Scene.make({ name: 'networks', clientAddresses, gate: { sequences: caseSequences() } });
  });
  afterAll(() => scene?.end());

  it.each([
    [TARGET4, '192.0.2.77'],
    [TARGET6, '2001:db8::77'],
  ])('are those whose packets count, at %s', async (host, other) => {
    const all = RIGHT.find(([name]) => name === 'all')?.[2] ?? [];
    expect(await opensTo(scene, host, all, other)).toBe(false);
    expect(await opensTo(scene, host, all)).toBe(true);
  });
});

describe('conditions that come and go', () => {
  let scene: Scene;
  const sequences = caseSequences();
  beforeAll(async () => {
    scene = await Scene.make({ name: 'reload', gate: { sequences } });
  });
  afterAll(() => scene?.end());

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
