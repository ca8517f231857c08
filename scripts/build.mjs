import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { notices } from './notices.mjs';
import { say } from './say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOTICES = 'THIRD-PARTY-NOTICES.md';

/** The programs: where each begins and what it becomes. */
export const PROGRAMS = {
  'dist/knockgated.cjs': 'server-helper/main.ts',
  'dist/knockgate.cjs': 'src/cli/main.ts',
};

/** The extension, likewise, which the editor loads as a module of its own; and what it has ssh run. */
const EXTENSION = { 'dist/extension.js': 'src/vscode/extension.ts', 'dist/ssh-hook.cjs': 'src/ssh/hook/helper.ts' };

const PROGRAM_OPTIONS = { target: 'node18', banner: { js: '#!/usr/bin/env node' } };
/** The oldest editor that `engines` in package.json lets in runs Node 20. */
const EXTENSION_OPTIONS = { target: 'node20', external: ['vscode'] };

/**
 * Bundles programs, each into one file that needs nothing but Node 18, and returns esbuild's metafiles by output
 * file. `entries` maps output to source file, relative to the repository or absolute.
 */
export async function build({ entries = { ...PROGRAMS, ...EXTENSION } } = {}) {
  const metafiles = {};
  for (const [outfile, entry] of Object.entries(entries)) {
    const isProgram = !(outfile in EXTENSION);
    const { metafile } = await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      // Licences of what is bundled are in the notices, whole, rather than scattered in the code.
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
      ...(isProgram ? PROGRAM_OPTIONS : EXTENSION_OPTIONS),
    });
    metafiles[outfile] = metafile;
    if (isProgram) chmodSync(resolve(ROOT, outfile), 0o755);
    writeFileSync(resolve(ROOT, `${outfile}.meta.json`), JSON.stringify(metafile));
  }
  return metafiles;
}

/** Whether the committed notices tell what the programs contain. */
export function noticesAreCurrent(metafiles) {
  return readFileSync(join(ROOT, NOTICES), 'utf8') === notices(ROOT, Object.values(metafiles));
}

async function main(args) {
  const metafiles = await build();
  const text = notices(ROOT, Object.values(metafiles));
  const files = ['dist/THIRD-PARTY-NOTICES.txt', ...(args.includes('--notices') ? [NOTICES] : [])];
  for (const file of files) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
  for (const outfile of Object.keys(metafiles)) {
    say(`built ${outfile}, ${Math.ceil(readFileSync(join(ROOT, outfile)).length / 1000)} KB`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
