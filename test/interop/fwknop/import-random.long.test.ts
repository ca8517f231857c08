import { expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { expectNoMoreThanFwknopd } from './random-import.ts';

const MINUTES = 60_000;

it.each(['first', 'second', 'third', 'fourth'])(
  'random stanzas of a real fwknopd, imported, open nothing more and nothing longer: seed %s',
  { timeout: 10 * MINUTES },
  async (seed) => {
    const figures = await expectNoMoreThanFwknopd({ seed, stanzas: 80, rounds: 4, knocks: 60 });
    figure(`import-fwknop: ${figures}`);
    expect(figures).toContain('none more');
  },
);
