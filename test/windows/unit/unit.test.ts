import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE, ROOT } from '../../../scripts/install.mjs';
import { WINE } from '../../../scripts/wine.mjs';
import { figure } from '../../rig/figure.ts';
import { seenFromWindows, Windows } from '../rig/windows.ts';
import { bundleUnitTests, filesToRun, unitTestFiles } from './bundle.ts';
import { countExclusions, wrongExclusions } from './excluded.ts';
import type { FileResult } from './run.ts';

const MAY_TAKE = 10 * 60_000;
const OUT = join(CACHE, 'windows-unit');
const FILES = filesToRun();
/** One for each processor of a small machine; every other file goes to each. */
const PROCESSES = 2;

describe('the unit tests, under Node for Windows', () => {
  let windows: Windows;
  let said = '';
  const results = new Map<string, FileResult>();

  beforeAll(async () => {
    rmSync(OUT, { recursive: true, force: true });
    const runner = await bundleUnitTests(FILES, OUT);
    windows = new Windows();
    const shares = Array.from({ length: PROCESSES }, (_, share) => FILES.filter((_, i) => i % PROCESSES === share));
    const ends = await Promise.all(shares.map((files, share) => runShare(runner, files, `share-${share}`)));
    said = ends.join('\n');
  }, MAY_TAKE);

  afterAll(() => {
    windows?.end();
    rmSync(OUT, { recursive: true, force: true });
  });

  /** Runs these files in a process of their own, and says how it ended. */
  async function runShare(runner: string, files: readonly string[], name: string): Promise<string> {
    const [list, out] = [join(OUT, `${name}.list`), join(OUT, `${name}.results`)];
    const bundles = files.map((file) => seenFromWindows(join(OUT, file.replace(/\.ts$/, '.mjs'))));
    writeFileSync(list, `${bundles.join('\n')}\n`);
    const argv = ['--enable-source-maps', ...[runner, list, out].map(seenFromWindows)];
    const env = { ESBUILD_BINARY_PATH: seenFromWindows(WINE.esbuild) };
    const { code, stderr } = await windows.node(argv, { cwd: ROOT, env, timeout: MAY_TAKE });
    const lines = existsSync(out) ? readFileSync(out, 'utf8').split('\n').filter(Boolean) : [];
    for (const result of lines.map((line) => JSON.parse(line) as FileResult)) results.set(result.file, result);
    return `exit ${code}: ${stderr}`;
  }

  it.each(FILES)('pass in %s', (file) => {
    const result = results.get(file);
    if (result === undefined) throw new Error(`it did not come to its end; what ran the files said: ${said}`);
    expect(result.failed.map(({ name, why }) => `${name}\n${why}`)).toEqual([]);
    expect(result.passed.length + result.skipped.length).toBeGreaterThan(0);
  });

  it('are all run, but for those that are excluded with a reason', () => {
    const all = [...results.values()];
    const skipped = all.flatMap(({ file, skipped }) => skipped.map((name) => ({ file, name })));
    expect(wrongExclusions(skipped, unitTestFiles())).toEqual([]);
    const count = (field: 'passed' | 'failed') => all.reduce((sum, result) => sum + result[field].length, 0);
    figure(`Windows: ${count('passed')} unit tests pass, ${count('failed')} fail; left out:`);
    for (const line of countExclusions(skipped, unitTestFiles())) figure(`  ${line}`);
  });
});
