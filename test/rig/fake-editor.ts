import { basename, join, resolve } from 'node:path';
import * as esbuild from 'esbuild';

/** Bundles a program into a folder, with the small editor of the unit tests as `vscode`. */
export async function bundleForFakeEditor(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(entry, '.ts')}.cjs`);
  await esbuild.build({
    // ssh2 works without its native parts.
    external: ['cpu-features', '*.node'],
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    alias: { vscode: resolve('test/rig/fake-vscode.ts') },
    logLevel: 'warning',
  });
  return outfile;
}
