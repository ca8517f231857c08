import { describe, expect, it } from 'vitest';
import { stagesOf, type TracedKnock, typical } from '../../../bench/breakdown.ts';
import type { Stage } from '../../../bench/results.ts';

const MEASURED = { ms: 10, probes: 11, sentAt: 1000, wallOffset: 5_000_000 };

const traced = (granted: number): TracedKnock => ({
  kernelWall: 5_001_001,
  tcpdumpWall: 5_001_002,
  stages: [
    { stage: 'read', at: 1003 },
    { stage: 'granted', at: granted },
  ],
});

const times = (stages: readonly Stage[]) => stages.map(({ ms }) => ms);

describe('the stages of a knock', () => {
  it('reach from the first packet to the open door, by one clock', () => {
    expect(times(stagesOf(traced(1008), MEASURED))).toEqual([1, 1, 1, 5, 2, 10]);
  });

  it('end with the open door, though nft acknowledges later', () => {
    expect(times(stagesOf(traced(1012), MEASURED))).toEqual([1, 1, 1, 7, 0, 10]);
  });

  it('leave out what the kernel did not tell', () => {
    const { stages } = traced(1008);
    expect(times(stagesOf({ stages }, MEASURED))).toEqual([3, 5, 2, 10]);
  });
});

describe('a typical knock', () => {
  const knock = (a: number, b: number): Stage[] => [
    { stage: 'a', ms: a },
    { stage: 'b', ms: b },
    { stage: 'whole', ms: a + b },
  ];

  it('is of the middle half, and its stages add up', () => {
    const found = typical([knock(100, 1), knock(1, 3), knock(3, 3), knock(0, 1)]);
    expect(times(found)).toEqual([2, 3, 5]);
  });
});
