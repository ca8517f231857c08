import { describe, expect, it } from 'vitest';
import { fuzz } from '../../fuzz/fuzz.ts';
import { judge } from '../../fuzz/judge.ts';
import { TARGETS } from '../../fuzz/targets/all.ts';

/** A short run, always the same one: `npm run fuzz` has the long ones. */
const SHORT = { seed: 'unit', runs: 256, coverage: false, timed: false };

describe('every reader', () => {
  it('has a target of its own name', () => {
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length);
  });

  it.each(TARGETS.map((target) => [target.name, target] as const))(
    '%s reads its seed, and bears what is made of it',
    (_name, target) => {
      const [seed = new Uint8Array(0)] = target.seeds;
      expect(judge(target, seed)).toMatchObject({ fault: undefined, label: expect.stringMatching(/^read/) });
      const { findings, runs } = fuzz(target, SHORT);
      expect(
        findings.map(({ input, ...fault }) => ({ ...fault, input: Buffer.from(input).toString('latin1') })),
      ).toEqual([]);
      expect(runs).toBe(SHORT.runs + target.seeds.length);
    },
  );
});
