import { expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { expectNoMoreThanKnockd } from './random-import.ts';

const MINUTES = 60_000;

it('random commands of a real knockd, imported, let in nobody else and nowhere else', {
  timeout: 10 * MINUTES,
}, async () => {
  const figures = await expectNoMoreThanKnockd('short', 12);
  figure(`import-knockd: ${figures}`);
  expect(figures).toContain('none with more');
});
