import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROOT } from '../../../scripts/install.mjs';
import { Tally } from '../../../scripts/tally.mjs';
import { temporaryFolder } from '../client/support.ts';

/** Runs so far, and the folder that replaces that of real reports. */
const runs: string[][] = [];
let cache = '';
vi.mock('../../../scripts/install.mjs', async (original) => ({
  ...(await original<typeof import('../../../scripts/install.mjs')>()),
  get CACHE() {
    return cache;
  },
}));
vi.mock('../../../scripts/shell.mjs', () => ({
  shell: (argv: string[]) => {
    runs.push(argv);
    const isSecond = argv.some((each) => each.includes('again-'));
    const reports = isSecond ? ['again-unit.json'] : ['tests.json', 'tests-beside.json', 'tests-workbench.json'];
    for (const [i, name] of reports.entries()) report(name, i > 0 || isSecond);
    return { code: isSecond ? 0 : 1, output: '' };
  },
}));

function report(name: string, passes: boolean): void {
  mkdirSync(join(cache, 'ci'), { recursive: true });
  const status = passes ? 'passed' : 'failed';
  const test = { status, fullName: 'works', failureMessages: passes ? [] : ['it did not'] };
  const other = { status: 'passed', fullName: 'works, too', failureMessages: [] };
  const path = join(
    ROOT,
    name === 'tests.json' || name.startsWith('again-') ? 'test/unit/a.test.ts' : `test/gate/${name}.test.ts`,
  );
  const file = { name: path, startTime: 0, endTime: 1, status, message: '', assertionResults: [test, other] };
  writeFileSync(join(cache, 'ci', name), JSON.stringify({ testResults: [file] }));
}

beforeEach(() => {
  cache = temporaryFolder();
  runs.length = 0;
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

const counted = async (projects: string[]) => {
  // It takes its folder when it is loaded.
  vi.resetModules();
  const { countTests } = await import('../../../scripts/test-reports.mjs');
  const tally = new Tally();
  await countTests(tally, projects, 1000);
  return tally;
};

describe('a file of tests that failed', () => {
  it('fails `npm run check`, which runs it no second time', async () => {
    expect((await counted(['unit'])).failed).toBe(1);
    expect(runs).toHaveLength(1);
  });

  it('is run once more by `.ci/run`, and named', async () => {
    const tally = await counted([]);
    expect([tally.failed, runs.length]).toEqual([0, 2]);
    vi.mocked(process.stdout.write).mockClear();
    tally.summary();
    const said = vi
      .mocked(process.stdout.write)
      .mock.calls.map(([text]) => String(text))
      .join('');
    expect(said).toContain('test/unit/a.test.ts failed, and passed in its second run.');
  });
});
