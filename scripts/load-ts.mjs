import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Loads a TypeScript source, for scripts that run in Node as they are. Returns its exports. */
export function loadTs(contents) {
  const stdin = { contents, resolveDir: ROOT, loader: 'ts' };
  const { outputFiles } = esbuild.buildSync({ stdin, bundle: true, platform: 'node', format: 'cjs', write: false });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(
    module,
    module.exports,
    createRequire(import.meta.url),
  );
  return module.exports;
}
