// npm test: installs what is missing, builds, and runs the tests.
//   node scripts/test.mjs [--long] [unit|gate|interop|deploy|windows|workbench|trixie|live-grant ...] [PART OF A FILE NAME ...] [OPTIONS OF VITEST]
// With --long: only the files *.long.test.ts, which are too long for `.ci/run`, `trixie`: the other tests of `deploy` on Debian 13,
// and `live-grant`: those of what a gate hides, while its kernel has opened for somebody.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_PACKAGES, ensureDebian, ensureNpm, INTEROP_PACKAGES, ROOT, whyNoGate } from './install.mjs';
import { mustBeComplete, say } from './say.mjs';
import { shell } from './shell.mjs';
import { ensureTargetRoots } from './target-root.mjs';
import { ensureWine } from './wine.mjs';
import { ensureWorkbench } from './workbench.mjs';

const PROJECTS = ['unit', 'gate', 'interop', 'deploy', 'windows', 'workbench'];
/** vitest.config.mts has them only for the long run: short tests, on Debian 13, and beside a grant of the kernel. */
const LONG_ONLY = ['trixie', 'live-grant'];

/**
 * Projects that run at the same time, each in a run of its own, since they mostly wait: the tests of the gate and of fwknop, and beside them these, by what
 * their reports are called. All three take about as long.
 */
const BESIDE = { beside: ['unit', 'deploy', ...LONG_ONLY], workbench: ['windows', 'workbench'] };

/** Projects come first; everything after them goes to vitest. */
function parse(args) {
  const isLong = args[0] === '--long';
  const words = isLong ? args.slice(1) : args;
  const known = isLong ? [...PROJECTS.filter(hasLongTests), ...LONG_ONLY] : PROJECTS;
  const end = words.findIndex((word) => ![...PROJECTS, ...known].includes(word));
  const asked = end < 0 ? words : words.slice(0, end);
  return {
    projects: asked.length > 0 ? asked.filter((name) => known.includes(name)) : known,
    rest: end < 0 ? [] : words.slice(end),
    isLong,
  };
}

function hasLongTests(project) {
  const names = readdirSync(join(ROOT, 'test', project), { recursive: true, encoding: 'utf8' });
  return names.some((name) => name.endsWith('.long.test.ts'));
}

/** Reasons why the gate's tests cannot run here, as lines to print; empty when they can. */
async function gateObstacles() {
  const why = whyNoGate();
  if (why) return [why];
  return (await ensureDebian()).map(asLine);
}

/** fwknop's own programs are the other side there, and a target that boots with knockd and every firewall. */
async function interopObstacles() {
  const lines = await deployObstacles();
  return lines.length > 0 ? lines : (await ensureDebian([...INTEROP_PACKAGES, ...BENCH_PACKAGES])).map(asLine);
}

/** The workbench's tests knock at a real gate and a real fwknopd: what keeps those tests from running keeps them from it too. */
async function workbenchObstacles() {
  const lines = await interopObstacles();
  return lines.length > 0 ? lines : (await ensureWorkbench()).map(asLine);
}

/** Targets are told apart from what the gate's tests need by what they boot from. */
async function deployObstacles(system = 'bookworm') {
  const lines = await gateObstacles();
  return lines.length > 0 ? lines : (await ensureTargetRoots(system)).map(asLine);
}

/** The client on Windows knocks at a real gate. */
async function windowsObstacles() {
  const lines = await gateObstacles();
  return lines.length > 0 ? lines : (await ensureWine()).map(asLine);
}

const asLine = ({ name, why }) => `${name} is missing: ${why}`;

/** Obstacles that can keep the tests of a project from running. */
const OBSTACLES = {
  gate: gateObstacles,
  interop: interopObstacles,
  deploy: deployObstacles,
  trixie: () => deployObstacles('trixie'),
  'live-grant': interopObstacles,
  windows: windowsObstacles,
  workbench: workbenchObstacles,
};

async function main() {
  const { projects, rest, isLong } = parse(process.argv.slice(2));
  // vitest.config.mts reads it.
  if (isLong) process.env.KNOCKGATE_LONG_TESTS = 'true';
  await ensureNpm();

  let runnable = projects;
  for (const [name, find] of Object.entries(OBSTACLES)) {
    if (!projects.includes(name)) continue;
    const obstacles = await find();
    if (obstacles.length === 0) continue;
    for (const line of obstacles) say(line);
    if (mustBeComplete) return 1;
    say(`skipping the tests of the ${name}`);
    runnable = runnable.filter((each) => each !== name);
  }
  if (runnable.length === 0) {
    say('no tests to run');
    return 0;
  }

  // Packing builds first. Only the workbench's tests look at the package.
  const script = runnable.includes('workbench') ? 'scripts/package.mjs' : 'scripts/build.mjs';
  const built = await shell([process.execPath, script], { cwd: ROOT });
  say(built.output.trim());
  if (built.code !== 0) return built.code;

  const groups = Object.entries({
    '': PROJECTS.filter((name) => !Object.values(BESIDE).flat().includes(name)),
    ...BESIDE,
  })
    .map(([report, names]) => [report, names.filter((name) => runnable.includes(name))])
    .filter(([, names]) => names.length > 0);
  if (groups.length === 1) return await run(runnable, rest);
  // A file that is asked for is among the tests of one of them.
  const args = [...rest, '--passWithNoTests'];
  const runs = groups.map(([report, names]) =>
    run(
      names,
      args.map((arg) => reportedAs(arg, report)),
    ),
  );
  return Math.max(...(await Promise.all(runs)));
}

/** Several runs cannot report to one file: `report.json` becomes `report-beside.json`. */
function reportedAs(arg, report) {
  return arg.startsWith('--outputFile') && report !== '' ? arg.replace(/\.json$/, `-${report}.json`) : arg;
}

async function run(projects, rest) {
  const selection = projects.flatMap((name) => ['--project', name]);
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run'];
  return (await shell([...vitest, ...selection, ...rest], { cwd: ROOT, live: true })).code;
}

process.exitCode = await main();
