import { configDefaults, defineConfig } from 'vitest/config';

/** Set by `npm run test:long`: then only the files run that are too long for `.ci/run`. */
const isLong = process.env.KNOCKGATE_LONG_TESTS === 'true';

const filesOf = (project: string) =>
  isLong
    ? { include: [`test/${project}/**/*.long.test.ts`] }
    : { include: [`test/${project}/**/*.test.ts`], exclude: [...configDefaults.exclude, '**/*.long.test.ts'] };

const deploy = {
  globalSetup: ['test/deploy/prepare.ts'],
  // Of the tests that say so: each boots a target of its own, and waits for most of its time.
  maxConcurrency: 4,
  testTimeout: 180_000,
  hookTimeout: 120_000,
  fileParallelism: false,
  sequence: { groupOrder: 1 },
};

/** The tests of booted targets once more, on Debian 13. They take minutes, so only the long run has them. */
const trixie = {
  test: {
    ...deploy,
    name: 'trixie',
    env: { KNOCKGATE_TARGET_SYSTEM: 'trixie' },
    include: ['test/deploy/**/*.test.ts'],
    // These name another system, or bring programs of this machine's release.
    exclude: [
      ...configDefaults.exclude,
      '**/openrc.long.test.ts',
      '**/moving.long.test.ts',
      '**/accounts.long.test.ts',
    ],
    sequence: { groupOrder: 3 },
  },
};

/** Tests of what a gate hides, and of ways back, once more while the kernel has opened for somebody. */
const liveGrant = {
  test: {
    ...deploy,
    name: 'live-grant',
    env: { KNOCKGATE_LIVE_GRANT: 'true' },
    include: [
      'test/gate/scan.test.ts',
      'test/gate/silence.test.ts',
      'test/gate/flood.test.ts',
      'test/interop/**/*.test.ts',
      'test/deploy/drill.test.ts',
      'test/deploy/recovery.test.ts',
    ],
    // It measures.
    exclude: [...configDefaults.exclude, '**/*.long.test.ts', '**/bench.test.ts'],
    sequence: { groupOrder: 4 },
  },
};

/**
 * Six projects, and `trixie` and `live-grant` for the long run: `unit` needs nothing but Node; `gate` needs Linux, root, nftables, tcpdump, sshd and nmap; `interop` fwknop
 * and a C compiler besides; `deploy` boots targets with systemd; `windows` runs
 * under Wine; `workbench` needs VS Code and a browser.
 */
export default defineConfig({
  test: {
    projects: [
      {
        // There is no editor in a unit test; what it would be asked is told to a small one of our own.
        resolve: { alias: { vscode: new URL('test/rig/fake-vscode.ts', import.meta.url).pathname } },
        test: { name: 'unit', ...filesOf('unit'), testTimeout: 60_000 },
      },
      {
        test: {
          name: 'gate',
          ...filesOf('gate'),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'interop',
          ...filesOf('interop'),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...deploy,
          name: 'deploy',
          ...filesOf('deploy'),
        },
      },
      {
        test: {
          name: 'windows',
          ...filesOf('windows'),
          testTimeout: 60_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'workbench',
          ...filesOf('workbench'),
          // To start an editor takes minutes where others are busy as well; a test that is cut off leaves its windows to the next one.
          testTimeout: 400_000,
          hookTimeout: 400_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      ...(isLong ? [trixie, liveGrant] : []),
    ],
  },
});
