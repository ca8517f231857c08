// Runs every test and every check, and counts them. The last line is "N passed, N failed".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CACHE, ensureNpm, ROOT } from './install.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { vsixContents } from './vsix.mjs';

const MINUTE = 60_000;
const TESTS_MAY_TAKE = 22 * MINUTE;
const CHECK_MAY_TAKE = 2 * MINUTE;
const DAEMON_LIMIT = 150_000;
const EXTENSION_LIMIT = 250_000;
const REPORT = join(CACHE, 'ci/vitest.json');
/** What runs beside the gate's tests reports by itself: scripts/test.mjs. */
const REPORTS = [REPORT, join(CACHE, 'ci/vitest-beside.json'), join(CACHE, 'ci/vitest-workbench.json')];

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

const total = { passed: 0, failed: 0 };
const failures = [];

/** Runs a check: `work` returns what is wrong as text, or nothing. */
async function check(name, work) {
  let wrong;
  try {
    wrong = await work();
  } catch (error) {
    wrong = error.stack ?? String(error);
  }
  total[wrong ? 'failed' : 'passed'] += 1;
  say(`${wrong ? 'FAIL' : 'ok  '} ${name}`);
  if (wrong) failures.push({ name, wrong });
}

/** A check that is a program: wrong when it does not exit with 0. */
const program =
  (...argv) =>
  async () => {
    const { code, output } = await shell(argv, { cwd: ROOT, timeout: CHECK_MAY_TAKE });
    return code === 0 ? undefined : `${argv.join(' ')}: exit ${code}\n${output.trim()}`;
  };

/** Runs `npm test` and counts its tests one by one. */
async function tests() {
  for (const report of REPORTS) rmSync(report, { force: true });
  mkdirSync(join(CACHE, 'ci'), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const options = { cwd: ROOT, live: true, timeout: TESTS_MAY_TAKE, env: { NO_COLOR: '1' } };
  const { code } = await shell(['npm', 'test', '--', '--', ...reporters], options);
  const missing = REPORTS.filter((report) => !existsSync(report));
  if (missing.length > 0) {
    await check('npm test', () => `npm test: exit ${code}, and no ${missing.join(', ')}; its output is above`);
    return;
  }
  const reports = REPORTS.map((report) => JSON.parse(readFileSync(report, 'utf8')));
  const before = failures.length;
  for (const file of reports.flatMap(({ testResults }) => testResults)) countFile(file);
  const sum = (field) => reports.reduce((count, report) => count + report[field], 0);
  const [passed, skipped] = [sum('numPassedTests'), sum('numPendingTests')];
  total.passed += passed;
  say(
    `${failures.length > before ? 'FAIL' : 'ok  '} tests: ${passed} passed, ${failures.length - before} failed, ${skipped} skipped`,
  );
  if (code !== 0 && failures.length === before) await check('npm test', () => `exit ${code} though no test failed`);
  if (passed === 0) await check('npm test', () => 'not a single test ran');
}

/** Notes the failed tests of a file, and the file itself when it fell over before its tests. */
function countFile({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  for (const { fullName, failureMessages } of failed) {
    failures.push({ name: fullName, wrong: failureMessages.join('\n') });
  }
  if (status === 'failed' && failed.length === 0) failures.push({ name, wrong: message });
  total.failed += failed.length || (status === 'failed' ? 1 : 0);
}

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
  const named = Object.keys(packages).filter((name) => packages[name].resolved);
  return named.length > 0 ? `${path} says "resolved" for ${named.join(', ')}; .npmrc leaves it out` : undefined;
}

function lockFiles() {
  const wrong = LOCKED.map(lockFile).filter((each) => each !== undefined);
  if (wrong.length > 0) return wrong.join('\n');
  const settings = readFileSync(join(ROOT, '.npmrc'), 'utf8');
  return /registry\s*=\s*\S*:/.test(settings) ? '.npmrc names a registry' : undefined;
}

/** What ssh2 does without when it is not there, and what is loaded beside: bundles of ours, and libraries as they came. */
const DONE_WITHOUT = { 'dist/deploy.js': ['cpu-features', './crypto/build/Release/sshcrypto.node'] };

/** What the editor loads, and gives its own module to. */
const IN_THE_EDITOR = ['dist/extension.js', 'dist/show-up.js'];

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

async function bundles() {
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
  await check('the daemon is below 150 KB', () => {
    const { length } = readFileSync(join(ROOT, 'dist/knockgated.cjs'));
    return length < DAEMON_LIMIT ? undefined : `dist/knockgated.cjs has ${length} bytes; the limit is ${DAEMON_LIMIT}`;
  });
  await check('the extension is below 250 KB', () => {
    const { length } = readFileSync(join(ROOT, 'dist/extension.js'));
    return length < EXTENSION_LIMIT
      ? undefined
      : `dist/extension.js has ${length} bytes; the limit is ${EXTENSION_LIMIT}`;
  });
  await check('bundles contain no native code and need no package', () => foreignParts(metafiles, LIBRARIES));
}

/** The packed extension: what a person installs. */
async function vsix() {
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

/** Pages and translations that are made from the source, or follow it. */
async function documents() {
  const [{ stalePages }, { l10nFaults }] = await Promise.all([import('./reference.mjs'), import('./l10n.mjs')]);
  await check('pages of commands and settings are current: npm run docs', () => stalePages().join('\n'));
  await check('every text is translated: npm run docs', () => l10nFaults().join('\n'));
}

function summary() {
  for (const { name, wrong } of failures) say(`\n--- ${name}\n${wrong}`);
  say(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

await check('npm packages', ensureNpm);
if (total.failed === 0) {
  await tests();
  await check('types', program('npx', '--no-install', 'tsc', '--noEmit'));
  await check('lint and format', program('npx', '--no-install', 'biome', 'check', '--error-on-warnings', '.'));
  await check('no dead code, no unused dependency', program('npx', '--no-install', 'knip'));
  await documents();
  await bundles();
  await vsix();
  await check('package-lock.json is current and names no download address', lockFiles);
}
process.exitCode = summary();
