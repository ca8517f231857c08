import { expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { expectNoMoreThanFwknopd } from './random-import.ts';

it('random stanzas of a real fwknopd, imported, open nothing more and nothing longer', async () => {
  const figures = await expectNoMoreThanFwknopd({ seed: 'short', stanzas: 16, rounds: 1, knocks: 24 });
  figure(`import-fwknop: ${figures}`);
  expect(figures).toContain('none more');
});
