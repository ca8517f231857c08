import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { Arming } from '../../../../server-helper/daemon/arming.ts';
import { withDecoys } from '../../../../server-helper/decoy/rules.ts';
import type { FirewallPlan } from '../../../../server-helper/firewall/firewall.ts';
import { MemoryFirewall } from '../../../../server-helper/firewall/memory.ts';
import { auditLog, FakeClock, FILE } from '../support.ts';

const DECOY = '[[decoy]]\nport = "tcp/22"\nto = 2222\n';
const SEQUENCE = '[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "udp/7001", "tcp/7005"]\n';

type Part = 'decoys' | 'sequences';

/** A kernel, faked, that refuses plans with some parts. */
function sceneOf(tables: string, refused: readonly (Part | 'all')[]) {
  const clock = new FakeClock();
  const { audit, entries } = auditLog();
  const plans: FirewallPlan[] = [];
  const kernel = new Set<Part | 'all'>(refused);
  class Refusing extends MemoryFirewall {
    override async arm(plan: FirewallPlan) {
      for (const part of ['decoys', 'sequences'] as const)
        if (plan[part] !== undefined && kernel.has(part)) throw new Error(`no ${part} here`);
      if (kernel.has('all')) throw new Error('no nft here');
      return await super.arm(plan);
    }
  }
  const arming = new Arming({
    firewall: new Refusing(clock.steady),
    audit,
    clock,
    planOf: async (config) => withDecoys(planOf(config), config.decoys),
    armedForGood: (plan) => plans.push(plan),
  });
  const config = parseGateConfig(`[gate]\n${tables}`, FILE);
  const parts = () => {
    const { decoys, sequences } = plans.at(-1) ?? {};
    return { decoys: decoys !== undefined, sequences: sequences !== undefined };
  };
  return { arming, entries, kernel, parts, arm: () => arming.arm(config, undefined) };
}

describe('a start', () => {
  it.each<[string, Part[], { decoys: boolean; sequences: boolean }, string[]]>([
    ['nothing where all is taken', [], { decoys: true, sequences: true }, []],
    ['decoys that are refused', ['decoys'], { decoys: false, sequences: true }, ['[[decoy]]: no decoys here']],
    [
      'sequences that are refused',
      ['sequences'],
      { decoys: true, sequences: false },
      ['sequences of ports: no sequences here'],
    ],
    [
      'both',
      ['decoys', 'sequences'],
      { decoys: false, sequences: false },
      ['[[decoy]]: no decoys here', 'sequences of ports: no decoys here'],
    ],
  ])('leaves out %s, and says so', async (_, refused, parts, faults) => {
    const scene = sceneOf(DECOY + SEQUENCE, refused);
    await scene.arm();
    expect([scene.parts(), scene.arming.leftOut]).toEqual([parts, faults]);
    expect(scene.entries.map(({ detail }) => detail)).toEqual(faults.map((fault) => `${fault} — running without it`));
  });

  it('fails with the first error where nothing helps', async () => {
    await expect(sceneOf(DECOY, ['all']).arm()).rejects.toThrow('no nft here');
  });
});

describe('a reload', () => {
  it('leaves out what was left out before, says it once, and takes it back when it works', async () => {
    const { arm, arming, entries, kernel, parts } = sceneOf(DECOY + SEQUENCE, ['decoys']);
    await arm();
    await arm();
    expect([entries.length, arming.leftOut.length]).toEqual([1, 1]);
    kernel.clear();
    await arm();
    expect([parts(), arming.leftOut]).toEqual([{ decoys: true, sequences: true }, []]);
  });

  it('leaves nothing else out: a new mistake changes nothing', async () => {
    const { arm, kernel } = sceneOf(DECOY + SEQUENCE, []);
    await arm();
    kernel.add('decoys');
    await expect(arm()).rejects.toThrow('no decoys here');
  });
});
