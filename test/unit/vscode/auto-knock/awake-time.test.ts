import { describe, expect, it } from 'vitest';
import { AwakeTime } from '../../../../src/vscode/auto-knock/awake-time.ts';

function computer() {
  const world = { monotonicMs: 0, wallMs: 1_700_000_000_000 };
  const clock = { monotonicMs: () => world.monotonicMs, wallMs: () => world.wallMs, sleep: async () => {} };
  const awake = new AwakeTime(clock);
  const pass = (monotonicMs: number, wallMs: number) => {
    world.monotonicMs += monotonicMs;
    world.wallMs += wallMs;
    return awake.look();
  };
  return { awake, pass };
}

describe('the time for which a computer is awake', () => {
  it('goes on while it is looked at, also when the wall clock is set back', () => {
    const { awake, pass } = computer();
    for (let i = 0; i < 100; i++) expect(pass(16_000, 16_000)).toBe(false);
    expect(pass(8000, -3_600_000)).toBe(false);
    expect(awake.sinceMs()).toBe(0);
  });

  it.each([
    ['Windows and macOS', 3_600_000],
    ['Linux', 8000],
  ])('begins again after a sleep, by the clocks of %s', (_, monotonicMs) => {
    const { awake, pass } = computer();
    pass(8000, 8000);
    expect(pass(monotonicMs, 3_600_000)).toBe(true);
    expect(awake.sinceMs()).toBe(8000 + monotonicMs);
    expect(pass(8000, 8000)).toBe(false);
  });
});
