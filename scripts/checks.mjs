// What `npm run check` and `.ci/run` look at beside the tests.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ROOT } from './install.mjs';
import { shell } from './shell.mjs';
import { vsixContents } from './vsix.mjs';

const MINUTE = 60_000;
const CHECK_MAY_TAKE = 2 * MINUTE;
/** Room for what the daemon needs so that the kernel can open by itself, and for a second source of clients: documents of a fleet. */
const DAEMON_LIMIT = 195_000;
/** A knock loads no more: each KB costs its start some 40 µs. */
const KNOCK_LIMIT = 145_000;
const EXTENSION_LIMIT = 250_000;

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** A check that is a program: wrong when it does not exit with 0. */
const program =
  (...argv) =>
  async () => {
    const { code, output } = await shell(argv, { cwd: ROOT, timeout: CHECK_MAY_TAKE });
    return code === 0 ? undefined : `${argv.join(' ')}: exit ${code}\n${output.trim()}`;
  };

/** Folders with a package.json and a lock of their own. */
const LOCKED = ['.', 'test/workbench/install'];

/** A lock locks what package.json asks for, and is silent on where to fetch it: that is each machine's business. */
function lockFile(folder) {
  const path = join(folder, 'package-lock.json');
  const { packages } = readJson(path);
  const asked = readJson(join(folder, 'package.json'));
  for (const kind of ['dependencies', 'devDependencies']) {
    if (!isDeepStrictEqual(packages[''][kind], asked[kind])) return `${kind}: ${path} is behind package.json`;
  }
  const missing = Object.keys(packages).flatMap((name) =>
    Object.keys(packages[name].optionalDependencies ?? {}).filter((wanted) => !isLocked(packages, name, wanted)),
  );
  // npm install would add them, and leave the clone changed.
  if (missing.length > 0) return `${path} lacks ${missing.join(', ')}: npm install --package-lock-only adds them`;
  const libc = Object.keys(packages).filter((name) => packages[name].libc);
  if (libc.length > 0)
    return `${path} says "libc" for ${libc.join(', ')}: npm 10 takes it out, and npm 11 does without`;
  const named = Object.keys(packages).filter((name) => packages[name].resolved);
  return named.length > 0 ? `${path} says "resolved" for ${named.join(', ')}; .npmrc leaves it out` : undefined;
}

/** Whether a lock has a package where another one looks for it: in its own folder, or in one around it. */
function isLocked(packages, from, wanted) {
  const parts = from.split('/node_modules/');
  const folders = parts.map((_, i) => `${parts.slice(0, i + 1).join('/node_modules/')}/`);
  return ['', ...folders].some((folder) => packages[`${folder}node_modules/${wanted}`] !== undefined);
}

function lockFiles() {
  const wrong = LOCKED.map(lockFile).filter((each) => each !== undefined);
  if (wrong.length > 0) return wrong.join('\n');
  const settings = readFileSync(join(ROOT, '.npmrc'), 'utf8');
  return /registry\s*=\s*\S*:/.test(settings) ? '.npmrc names a registry' : undefined;
}

/** Optional parts of ssh2. */
const DONE_WITHOUT = { 'dist/deploy.js': ['cpu-features', './crypto/build/Release/sshcrypto.node'] };

/** Bundles that the editor loads, and gives its own module to. */
const IN_THE_EDITOR = ['dist/extension.js', 'dist/commands.js'];

/** A bundle must run with nothing beside it but our own: no native addon, and no import but of Node's own modules and the editor. */
function foreignParts(metafiles, libraries) {
  const ours = [...Object.keys(metafiles), ...Object.keys(libraries)].map((path) => path.replace(/^dist/, '.'));
  const found = Object.entries(metafiles).flatMap(([outfile, { inputs, outputs }]) => {
    const native = Object.keys(inputs).filter((path) => path.endsWith('.node'));
    const external = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
    const foreign = external
      .map(({ path }) => path)
      .filter((path) => !builtinModules.includes(path.replace(/^node:/, '')))
      .filter((path) => !(path === 'vscode' && IN_THE_EDITOR.includes(outfile)))
      .filter((path) => !ours.includes(path) && !DONE_WITHOUT[outfile]?.includes(path));
    return [...native, ...foreign].map((path) => `${outfile}: ${path}`);
  });
  return found.join('\n');
}

async function bundles(check) {
  const { build, LIBRARIES, noticesAreCurrent } = await import('./build.mjs');
  const { bundledPackages, readNotice } = await import('./notices.mjs');
  let metafiles;
  await check('bundles build', async () => {
    metafiles = await build();
  });
  if (!metafiles) return;
  await check('licences allow bundling', () => {
    for (const folder of bundledPackages(Object.values(metafiles))) readNotice(ROOT, folder);
  });
  await check('third-party notices are current', () => {
    return noticesAreCurrent(metafiles) ? undefined : 'run `node scripts/build.mjs --notices` and commit the result';
  });
  await check('the daemon is below 195 KB', () => isBelow('dist/knockgated.cjs', DAEMON_LIMIT));
  await check('the extension is below 250 KB', () => isBelow('dist/extension.js', EXTENSION_LIMIT));
  await check('what a knock loads is below 145 KB', () => isBelow('dist/knockgate.cjs', KNOCK_LIMIT));
  await check('bundles contain no native code and need no package', () => foreignParts(metafiles, LIBRARIES));
}

function isBelow(path, limit) {
  const { length } = readFileSync(join(ROOT, path));
  return length < limit ? undefined : `${path} has ${length} bytes; the limit is ${limit}`;
}

/** The packed extension: what a person installs. */
async function vsix(check) {
  await check('the extension packs without a warning', program(process.execPath, 'scripts/package.mjs'));
  await check('the packed extension has the files of test/vsix-contents.txt, and no others', () => {
    const expected = readFileSync(join(ROOT, 'test/vsix-contents.txt'), 'utf8').trimEnd().split('\n');
    const found = vsixContents(join(ROOT, 'dist/knockgate.vsix'));
    const extra = found.filter((name) => !expected.includes(name)).map((name) => `not on the list: ${name}`);
    const missing = expected.filter((name) => !found.includes(name)).map((name) => `missing: ${name}`);
    const native = found.filter((name) => name.endsWith('.node')).map((name) => `native code: ${name}`);
    return [...extra, ...missing, ...native].join('\n');
  });
}

async function reproducible(check) {
  const { reproducibleFaults } = await import('./reproducible.mjs');
  await check('both packages are the same when packed elsewhere, later', async () => {
    const packed = await program(process.execPath, 'scripts/deb.mjs')();
    return packed ?? (await reproducibleFaults());
  });
}

const campaignHolds = program(process.execPath, 'scripts/campaign.mjs', '--short');

/** Pages and translations that are made from the source, or follow it. */
async function documents(check) {
  const [{ stalePages }, { l10nFaults }] = await Promise.all([import('./reference.mjs'), import('./l10n.mjs')]);
  await check('pages of commands and settings, manuals and completion are current: npm run docs', () =>
    stalePages().join('\n'),
  );
  await check('every text is translated: npm run docs', () => l10nFaults().join('\n'));
}

/**
 * All of them, with the `check` of a tally.
 * @param packsTwice whether both packages are made again in another folder, which takes minutes
 * @param makesFaults whether the short form of the campaign runs, half a minute
 */
export async function checks(check, { packsTwice, makesFaults }) {
  await check('types', program('npx', '--no-install', 'tsc', '--noEmit'));
  await check('types of the page', program('npx', '--no-install', 'tsc', '--noEmit', '-p', 'src/activity-view/page'));
  await check('lint and format', program('npx', '--no-install', 'biome', 'check', '--error-on-warnings', '.'));
  await check('no dead code, no unused dependency', program('npx', '--no-install', 'knip'));
  await documents(check);
  await bundles(check);
  await vsix(check);
  if (packsTwice) await reproducible(check);
  if (makesFaults)
    await check('no fault lets a stranger in or keeps the owner out: npm run campaign -- --short', campaignHolds);
  await check('package-lock.json is current and names no download address', lockFiles);
}
