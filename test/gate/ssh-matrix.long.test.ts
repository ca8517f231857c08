import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { CASES } from './ssh-matrix/cases.ts';
import { checkCase, questions, wayOf } from './ssh-matrix/check.ts';
import { type MatrixResult, MatrixScene } from './ssh-matrix/scene.ts';

describe('wherever ssh gets in, we get in', () => {
  const scene = new MatrixScene();
  const results = new Map<string, MatrixResult>();

  beforeAll(() => scene.prepare());

  afterAll(async () => {
    await scene.end();
    const all = [...results.values()];
    const entered = all.filter(({ ssh }) => ssh.code === 0);
    const ways = entered.map(wayOf);
    const asked = Math.max(...entered.map(({ deploy }) => questions(deploy.stderr)));
    figure(
      `ssh matrix: ${all.length} cases, ssh gets in in ${entered.length}, we by the library in ${count(ways, 'library')} and by ssh in ${count(ways, 'system')}`,
    );
    figure(`ssh matrix: ${asked} password question at most`);
    const ms = (name: string) => results.get(name)?.statusMs ?? Number.NaN;
    const [library, system, fallback] = ['an ordinary host', 'BindAddress', 'KexAlgorithms sntrup761'].map(ms);
    figure(
      `ssh matrix: gate status by the library ${library?.toFixed(0)} ms, by ssh ${system?.toFixed(0)} ms, by ssh after the library has failed ${fallback?.toFixed(0)} ms`,
    );
  });

  it('has cases enough', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(60);
    expect(CASES.filter(({ refused }) => refused === undefined).length).toBeGreaterThanOrEqual(45);
    expect(CASES.filter(({ short }) => short).length).toBeGreaterThanOrEqual(15);
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });

  it.each(CASES)('$name', async (each) => {
    const result = await scene.run(each);
    results.set(each.name, result);
    checkCase(each, result);
  });
});

function count<T>(values: readonly T[], wanted: T): number {
  return values.filter((value) => value === wanted).length;
}
