// npm run package: makes dist/knockgate.vsix. A warning of vsce counts as a failure.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { galleryPage } from './gallery-page.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { sourceDate, surroundings } from './source-date.mjs';
import { setModes } from './vsix.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'dist/knockgate.vsix';
const PAGE = 'dist/gallery-page.md';
const ALLOWED = '.vscodeignore';

/** Lists the files that a line of .vscodeignore allows: a path whose last part may have a `*`. */
function filesOf(pattern) {
  const [folder, name] = [dirname(pattern), basename(pattern)];
  const [before = '', after] = name.split('*');
  if (after === undefined) return [pattern];
  const found = readdirSync(join(ROOT, folder)).filter((each) => each.startsWith(before) && each.endsWith(after));
  return found.map((each) => join(folder, each));
}

/**
 * Copies the files of the package to a folder of their own. vsce compares every file of the folder that it packs with each line of
 * .vscodeignore: with the tens of thousands that tests keep in .cache, that takes half a minute.
 */
function copyAllowed(folder) {
  const lines = readFileSync(join(ROOT, ALLOWED), 'utf8').split('\n');
  const allowed = lines.filter((line) => line.startsWith('!')).flatMap((line) => filesOf(line.slice(1)));
  for (const path of [ALLOWED, PAGE, ...allowed]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(folder, path));
  }
}

/** Builds everything and packs the extension: what .vscodeignore lets in, and no packages, which are in the bundle. */
async function main() {
  const built = await shell([process.execPath, 'scripts/build.mjs'], { cwd: ROOT });
  say(built.output.trim());
  if (built.code !== 0) return built.code;

  const read = (path) => readFileSync(join(ROOT, path), 'utf8');
  writeFileSync(join(ROOT, PAGE), galleryPage(read('docs/gallery.md'), JSON.parse(read('package.json'))));

  const program = join(ROOT, 'node_modules/@vscode/vsce/vsce');
  const vsce = [process.execPath, program, 'package', '--no-dependencies', '--out', join(ROOT, OUTPUT)];
  const page = ['--no-rewrite-relative-links', '--readme-path', PAGE];
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-package-'));
  let packed;
  try {
    copyAllowed(folder);
    packed = await shell([...vsce, ...page], { cwd: folder, env: surroundings(await sourceDate()) });
  } finally {
    rmSync(folder, { recursive: true });
  }
  say(packed.output.trim());
  if (packed.code === 0) setModes(join(ROOT, OUTPUT));
  return packed.code === 0 && /\bWARNING\b/i.test(packed.output) ? 1 : packed.code;
}

process.exitCode = await main();
