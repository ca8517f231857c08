import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { RunnerTestSuite as Suite, RunnerTestCase as Test } from 'vitest';

/*
 * Runs bundles of unit tests, all in this process: `node run.mjs LIST RESULTS`. LIST holds the paths of the bundles, one a line;
 * RESULTS gets a line of JSON for each of them when it is over. vitest itself is what collects, runs and judges the tests; only
 * what it does to read and to watch source files is left out.
 */

/** Result of a file of tests. */
export interface FileResult {
  readonly file: string;
  readonly passed: readonly string[];
  readonly skipped: readonly string[];
  readonly failed: readonly { readonly name: string; readonly why: string }[];
  readonly ms: number;
}

/** As for the unit tests everywhere: vitest.config.mts. */
const TEST_MAY_TAKE = 60_000;

const [list = '', results = ''] = process.argv.slice(2);
const bundles = readFileSync(list, 'utf8').split('\n').filter(Boolean);

/** Settings of vitest's own worker processes, and its channel for results. */
const config = {
  root: process.cwd(),
  setupFiles: [],
  allowOnly: false,
  sequence: { shuffle: false, concurrent: false, seed: 1, hooks: 'stack', setupFiles: 'list' },
  maxConcurrency: 1,
  testTimeout: TEST_MAY_TAKE,
  hookTimeout: TEST_MAY_TAKE,
  retry: 0,
  tags: [],
  strictTags: true,
  experimental: { importDurations: { limit: 0 } },
  expect: {},
  fakeTimers: {
    loopLimit: 10_000,
    shouldClearNativeTimers: true,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date'],
  },
  snapshotOptions: {
    updateSnapshot: 'none',
    snapshotEnvironment: {
      getVersion: () => '1',
      getHeader: () => '',
      resolvePath: async (path: string) => `${path}.snap`,
      resolveRawPath: async (_path: string, raw: string) => raw,
      readSnapshotFile: async () => null,
    },
  },
};
Object.assign(globalThis, {
  __vitest_worker__: {
    config,
    ctx: { pool: 'forks' },
    environment: { name: 'node' },
    rpc: { snapshotSaved: () => {} },
    durations: {},
    metaEnv: process.env,
    providedContext: {},
    onCleanup: () => {},
  },
});

await main();
// A test may have left something that would keep the process.
process.exit(0);

async function main(): Promise<void> {
  const { vi } = await import('vitest');
  const { startTests } = await import('vitest/internal/browser');
  const { default: ExcludingRunner, pathOf } = await import('./excluding-runner.ts');
  class Runner extends ExcludingRunner {
    override importFile(path: string): Promise<unknown> {
      return import(pathToFileURL(path).href);
    }
    /** Nobody measures. */
    override trace = <T>(_name: string, attributes: object | (() => T), action?: () => T): T =>
      (action ?? (attributes as () => T))();
  }
  const stray: string[] = [];
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error) => stray.push(`${event}: ${textOf(error)}`));
  for (const bundle of bundles) {
    const begin = performance.now();
    stray.length = 0;
    const [file] = await startTests([bundle], new Runner(config as never));
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    if (file === undefined) throw new Error(`vitest ran nothing of ${bundle}`);
    const result = resultOf(pathOf(file), file, stray, performance.now() - begin);
    writeFileSync(results, `${JSON.stringify(result)}\n`, { flag: 'a' });
  }
}

function resultOf(path: string, file: Suite, stray: readonly string[], ms: number): FileResult {
  const tests = testsOf(file, '');
  const errors = [...suiteErrors(file), ...stray].map((why) => ({ name: path, why }));
  const failed = tests.filter(({ test }) => test.mode !== 'skip' && test.result?.state !== 'pass');
  return {
    file: path,
    passed: tests.filter(({ test }) => test.result?.state === 'pass').map(({ name }) => name),
    skipped: tests.filter(({ test }) => test.mode === 'skip').map(({ name }) => name),
    failed: [...errors, ...failed.map(({ name, test }) => ({ name, why: whyOf(test) }))],
    ms,
  };
}

function testsOf(suite: Suite, names: string): { name: string; test: Test }[] {
  return suite.tasks.flatMap((task) =>
    task.type === 'suite'
      ? testsOf(task, `${names}${task.name} > `)
      : [{ name: `${names}${task.name}`, test: task as Test }],
  );
}

function suiteErrors(suite: Suite): string[] {
  const inside = suite.tasks.flatMap((task) => (task.type === 'suite' ? suiteErrors(task) : []));
  return [...(suite.result?.errors ?? []).map(textOf), ...inside];
}

function whyOf({ result }: Test): string {
  return (result?.errors ?? []).map(textOf).join('\n') || `it ended as ${result?.state ?? 'never run'}`;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error) && typeof error !== 'object') return String(error);
  const { message, stack, diff } = error as { message?: string; stack?: string; diff?: string };
  return [message, diff, stack].filter((part) => part !== undefined).join('\n');
}
