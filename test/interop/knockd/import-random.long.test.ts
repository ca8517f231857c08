import { expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { expectNoMoreThanKnockd } from './random-import.ts';

const MINUTES = 60_000;

it.each(['first', 'second', 'third', 'fourth'])(
  'random commands of a real knockd, imported, let in nobody else and nowhere else: seed %s',
  { timeout: 30 * MINUTES },
  async (seed) => {
    const figures = await expectNoMoreThanKnockd(seed, 120);
    figure(`import-knockd: ${figures}`);
    expect(figures).toContain('none with more');
  },
);
