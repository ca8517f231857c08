import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from '../../../scripts/install.mjs';
import { seenFromWindows } from '../rig/windows.ts';
import { isExcluded } from './excluded.ts';

/** All files of unit tests that are not too long for `.ci/run`, by their paths in the repository. */
export function unitTestFiles(): string[] {
  return filesIn('test/unit', '.test.ts').filter((file) => !file.endsWith('.long.test.ts'));
}

/** Those that are to run, and the tests that are for Windows alone. */
export function filesToRun(): string[] {
  const unit = unitTestFiles().filter((file) => !isExcluded(file));
  return [...unit, ...filesIn('test/windows/there', '.there.ts')].sort();
}

function filesIn(folder: string, end: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(end)).map((name) => `${folder}/${name}`);
}

/**
 * Makes a bundle of each file of unit tests, and one of what runs them, since the part of vitest that reads TypeScript does not start
 * under Wine. The packages are those of the repository, vitest among them.
 * @param out a folder below the repository, so that packages are found from there
 * @returns the bundle of what runs them; the bundle of `test/unit/a.test.ts` is `test/unit/a.test.mjs` beside it
 */
export async function bundleUnitTests(files: readonly string[], out: string): Promise<string> {
  mkdirSync(out, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...files, 'test/windows/unit/run.ts'],
    outbase: ROOT,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'silent',
    alias: { vscode: join(ROOT, 'test/rig/fake-vscode.ts') },
    plugins: [inItsPlace],
  });
  return join(out, 'test/windows/unit/run.mjs');
}

/** A source file finds what is beside it by where it is, not by where its bundle is. */
const inItsPlace: Plugin = {
  name: 'in-its-place',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.m?ts$|\.mjs$/ }, ({ path }) => {
      if (relative(ROOT, path).startsWith('node_modules')) return undefined;
      const [folder, url] = [seenFromWindows(dirname(path)), `file:///Z:${path}`].map((text) => JSON.stringify(text));
      const text = readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', () => url ?? '')
        .replaceAll('import.meta.dirname', () => folder ?? '');
      return { contents: text, loader: path.endsWith('ts') ? 'ts' : 'js' };
    });
  },
};
