import { defineConfig } from 'vitest/config';

/**
 * Five projects: `unit` needs nothing but Node; `gate` needs Linux, root, nftables, tcpdump, sshd and nmap; `interop` fwknop
 * and a C compiler besides; `deploy` boots targets with systemd; `workbench` needs VS Code and a browser.
 */
export default defineConfig({
  test: {
    projects: [
      {
        // There is no editor in a unit test; what it would be asked is told to a small one of our own.
        resolve: { alias: { vscode: new URL('test/unit/vscode/fake-vscode.ts', import.meta.url).pathname } },
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        test: {
          name: 'gate',
          include: ['test/gate/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          // Real programs on a machine that may be busy: once more, and the report names each that needed it.
          retry: 1,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'deploy',
          include: ['test/deploy/**/*.test.ts'],
          globalSetup: ['test/deploy/prepare.ts'],
          // Of the tests that say so: each boots a target of its own, and waits for most of its time.
          maxConcurrency: 4,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'workbench',
          include: ['test/workbench/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          retry: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
