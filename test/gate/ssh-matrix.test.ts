import { afterAll, beforeAll, describe, it } from 'vitest';
import { CASES } from './ssh-matrix/cases.ts';
import { checkCase } from './ssh-matrix/check.ts';
import { MatrixScene } from './ssh-matrix/scene.ts';

describe('wherever ssh gets in, we get in (some of ssh-matrix.long.test.ts)', () => {
  const scene = new MatrixScene();
  beforeAll(() => scene.prepare());
  afterAll(() => scene.end());

  it.each(CASES.filter(({ short }) => short))('$name', async (each) => {
    checkCase(each, await scene.run(each));
  });
});
