// npm run package: makes dist/knockgate.vsix. A warning of vsce counts as a failure.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { galleryPage } from './gallery-page.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { sourceDate, surroundings } from './source-date.mjs';
import { setModes } from './vsix.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'dist/knockgate.vsix';
const PAGE = 'dist/gallery-page.md';

/** Builds everything and packs the extension: what .vscodeignore lets in, and no packages, which are in the bundle. */
async function main() {
  const built = await shell([process.execPath, 'scripts/build.mjs'], { cwd: ROOT });
  say(built.output.trim());
  if (built.code !== 0) return built.code;

  const read = (path) => readFileSync(join(ROOT, path), 'utf8');
  writeFileSync(join(ROOT, PAGE), galleryPage(read('docs/gallery.md'), JSON.parse(read('package.json'))));

  const vsce = [process.execPath, 'node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--out', OUTPUT];
  const page = ['--no-rewrite-relative-links', '--readme-path', PAGE];
  const packed = await shell([...vsce, ...page], { cwd: ROOT, env: surroundings(await sourceDate()) });
  say(packed.output.trim());
  if (packed.code === 0) setModes(join(ROOT, OUTPUT));
  return packed.code === 0 && /\bWARNING\b/i.test(packed.output) ? 1 : packed.code;
}

process.exitCode = await main();
