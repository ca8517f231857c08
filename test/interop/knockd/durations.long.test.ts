import { expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { Random } from '../../rig/random.ts';
import { compareDurations } from './durations.ts';
import { randomTimedDoor } from './random-times.ts';

const MINUTES = 60_000;
const COUNT = 60;

it.each(['first', 'second', 'third'])(
  'doors of a real knockd with random times, imported, are open no longer than there: seed %s',
  { timeout: 10 * MINUTES },
  async (seed) => {
    const random = new Random(seed);
    const doors = Array.from({ length: COUNT }, () => randomTimedDoor(random));
    const carried = (await compareDurations('times', doors)).filter((each) => each !== undefined);
    expect(carried.length).toBeGreaterThan(0);
    figure(`import-knockd: seed ${seed}: ${COUNT} random times, ${carried.length} carried over, none longer`);
  },
);
