// Runs tests and counts them from vitest's reports. Where all tests are run, a file that failed is run once more at the end, and named.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CACHE, ROOT } from './install.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';

const FOLDER = join(CACHE, 'ci');
/** With more failed files than this something is broken, and a second run would only take time. */
const MOST_AGAIN = 5;
const AGAIN_MAY_TAKE = 6 * 60_000;

/** Where the runs that scripts/test.mjs has at the same time leave their reports. */
const REPORTS = { all: ['tests.json', 'tests-beside.json', 'tests-workbench.json'], unit: ['tests.json'] };

const reportTo = (name) => ['--reporter=default', '--reporter=json', `--outputFile.json=${join(FOLDER, name)}`];
const read = (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

/** A file of tests as a report has it. `project` is the name of its folder below test. */
function asFile({ name, startTime, endTime, status, message, assertionResults }) {
  const path = relative(ROOT, name);
  const count = (wanted) => assertionResults.filter((test) => wanted.includes(test.status)).length;
  const failures = assertionResults
    .filter((test) => test.status === 'failed')
    .map(({ fullName, failureMessages }) => ({ name: `${path}: ${fullName}`, wrong: failureMessages.join('\n') }));
  // It can fail before its first test, too.
  if (status === 'failed' && failures.length === 0) failures.push({ name: path, wrong: message });
  return {
    path,
    project: path.split('/')[1],
    begin: startTime,
    end: endTime,
    passed: count(['passed']),
    skipped: count(['pending', 'skipped', 'todo']),
    failures,
  };
}

/**
 * Runs scripts/test.mjs, and adds what it finds to a tally.
 * @param projects the projects to run; none: all of them
 * @param timeout in milliseconds
 */
export async function countTests(tally, projects, timeout) {
  const names = projects.length === 0 ? REPORTS.all : REPORTS.unit;
  mkdirSync(FOLDER, { recursive: true });
  for (const name of names) rmSync(join(FOLDER, name), { force: true });
  const argv = [process.execPath, 'scripts/test.mjs', ...projects, ...reportTo('tests.json')];
  const { code } = await shell(argv, { cwd: ROOT, live: true, timeout, env: { NO_COLOR: '1' } });
  const missing = names.filter((name) => !existsSync(join(FOLDER, name)));
  if (missing.length > 0) {
    tally.fail('tests', `exit ${code}, and no report ${missing.join(', ')}; the output is above`);
    return;
  }
  const files = names.flatMap((name) => read(name).testResults.map(asFile));
  noteMinutes(tally, files);
  // Beside all others, and on a machine that others use too, a file can fail for want of time. Unit tests alone have no such excuse.
  const counted = projects.length === 0 ? await again(tally, files) : files;
  const sum = (field) => counted.reduce((total, file) => total + file[field], 0);
  const failures = counted.flatMap((file) => file.failures);
  tally.passed += sum('passed');
  for (const { name, wrong } of failures) tally.fail(name, wrong);
  const counts = `${sum('passed')} passed, ${failures.length} failed, ${sum('skipped')} skipped`;
  say(`${failures.length > 0 ? 'FAIL' : 'ok  '} tests: ${counts}`);
  const hadFailures = files.some((file) => file.failures.length > 0);
  if (code !== 0 && !hadFailures) tally.fail('tests', `exit ${code} though no test failed`);
  if (sum('passed') === 0) tally.fail('tests', 'not a single test ran');
}

/** From the first test of a project to its last: projects run beside each other. */
function noteMinutes(tally, files) {
  for (const project of new Set(files.map((file) => file.project))) {
    const own = files.filter((file) => file.project === project);
    const begin = Math.min(...own.map((file) => file.begin));
    tally.took(`tests: ${project}`, Math.max(...own.map((file) => file.end)) - begin);
  }
}

/** Runs the failed files once more, when the machine has nothing else to do, and returns all files with what counts. */
async function again(tally, files) {
  const failed = files.filter((file) => file.failures.length > 0);
  if (failed.length === 0 || failed.length > MOST_AGAIN) return files;
  const begin = performance.now();
  const second = [];
  for (const project of new Set(failed.map((file) => file.project))) {
    const paths = failed.filter((file) => file.project === project).map((file) => file.path);
    second.push(...(await runAgain(project, paths)));
  }
  tally.took('tests: failed files once more', performance.now() - begin);
  return files.map((file) => {
    const next = second.find(({ path }) => path === file.path);
    if (file.failures.length === 0 || next === undefined) return file;
    const passes = next.failures.length === 0;
    tally.remark(`${file.path} failed, and ${passes ? 'passed' : 'failed again'} in its second run.`);
    for (const { name, wrong } of passes ? file.failures : []) say(`\n--- in its first run: ${name}\n${wrong}`);
    return next;
  });
}

async function runAgain(project, paths) {
  const report = `again-${project}.json`;
  rmSync(join(FOLDER, report), { force: true });
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--project', project];
  const argv = [...vitest, ...paths, ...reportTo(report)];
  await shell(argv, { cwd: ROOT, live: true, timeout: AGAIN_MAY_TAKE, env: { NO_COLOR: '1' } });
  return existsSync(join(FOLDER, report)) ? read(report).testResults.map(asFile) : [];
}
