import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE, ROOT } from '../../../scripts/install.mjs';
import { WINE } from '../../../scripts/wine.mjs';
import { figure } from '../../gate/scene.ts';
import { seenFromWindows, Windows } from '../rig/windows.ts';
import { bundleUnitTests, unitTestFiles } from './bundle.ts';
import { EXCLUDED, EXCLUDED_FILES, unusedExclusions } from './excluded.ts';
import type { FileResult } from './run.ts';

const MAY_TAKE = 10 * 60_000;
const OUT = join(CACHE, 'windows-unit');
const FILES = unitTestFiles();

describe('the unit tests, under Node for Windows', () => {
  let windows: Windows;
  let said = '';
  const results = new Map<string, FileResult>();

  beforeAll(async () => {
    rmSync(OUT, { recursive: true, force: true });
    const runner = await bundleUnitTests(FILES, OUT);
    const [list, out] = [join(OUT, 'list'), join(OUT, 'results')];
    const bundles = FILES.map((file) => seenFromWindows(join(OUT, file.replace(/\.ts$/, '.mjs'))));
    writeFileSync(list, `${bundles.join('\n')}\n`);
    windows = new Windows();
    const argv = ['--enable-source-maps', ...[runner, list, out].map(seenFromWindows)];
    const env = { ESBUILD_BINARY_PATH: seenFromWindows(WINE.esbuild) };
    const { code, stderr } = await windows.node(argv, { cwd: ROOT, env, timeout: MAY_TAKE });
    said = `exit ${code}: ${stderr}`;
    const lines = existsSync(out) ? readFileSync(out, 'utf8').split('\n').filter(Boolean) : [];
    for (const result of lines.map((line) => JSON.parse(line) as FileResult)) results.set(result.file, result);
  }, MAY_TAKE);

  afterAll(() => {
    windows?.end();
    rmSync(OUT, { recursive: true, force: true });
  });

  it.each(FILES)('pass in %s', (file) => {
    const result = results.get(file);
    if (result === undefined) throw new Error(`it did not come to its end; what ran it said: ${said}`);
    expect(result.failed.map(({ name, why }) => `${name}\n${why}`)).toEqual([]);
    expect(result.passed.length + result.skipped.length).toBeGreaterThan(0);
  });

  it('are all run, but for those that are excluded with a reason', () => {
    const all = [...results.values()];
    const skipped = all.flatMap(({ file, skipped }) => skipped.map((name) => ({ file, name })));
    expect(unusedExclusions(skipped)).toEqual([]);
    const count = (field: 'passed' | 'failed') => all.reduce((sum, result) => sum + result[field].length, 0);
    figure(`Windows: ${count('passed')} unit tests pass, ${count('failed')} fail, ${skipped.length} are excluded`);
    for (const { reason, matches } of EXCLUDED)
      figure(`  ${String(skipped.filter(({ file, name }) => matches(file, name)).length).padStart(4)} ${reason}`);
    for (const { reason, files } of EXCLUDED_FILES) figure(`  all of ${files}: ${reason}`);
  });
});
