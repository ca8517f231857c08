import { defineConfig } from 'vitest/config';

/** Two projects: `unit` needs nothing but Node; `gate` needs Linux, root, nftables, tcpdump, sshd and nmap. */
export default defineConfig({
  test: {
    projects: [
      {
        // There is no editor in a unit test; what it would be asked is told to a small one of our own.
        resolve: { alias: { vscode: new URL('test/unit/vscode/fake-vscode.ts', import.meta.url).pathname } },
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        test: {
          name: 'gate',
          include: ['test/gate/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
