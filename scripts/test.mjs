// npm test: installs what is missing, builds, and runs the tests.
//   node scripts/test.mjs [unit|gate ...] [-- ARGUMENTS FOR VITEST]
import { ensureDebian, ensureNpm, ROOT, whyNoGate } from './install.mjs';
import { mustBeComplete, say } from './say.mjs';
import { shell } from './shell.mjs';

const PROJECTS = ['unit', 'gate'];

/** Splits the command line, and says what is wrong with it. */
function parse(args) {
  const dashes = args.indexOf('--');
  const asked = dashes < 0 ? args : args.slice(0, dashes);
  const unknown = asked.filter((name) => !PROJECTS.includes(name));
  if (unknown.length > 0) {
    say(
      `no tests are called ${unknown.join(', ')}; there are ${PROJECTS.join(', ')}. Arguments for vitest go after --`,
    );
    process.exit(2);
  }
  return { projects: asked.length > 0 ? asked : PROJECTS, rest: dashes < 0 ? [] : args.slice(dashes + 1) };
}

/** Why the gate's tests cannot run here, as lines to print; empty when they can. */
async function gateObstacles() {
  const why = whyNoGate();
  if (why) return [why];
  return (await ensureDebian()).map(({ name, why }) => `${name} is missing: ${why}`);
}

async function main() {
  const { projects, rest } = parse(process.argv.slice(2));
  await ensureNpm();

  let runnable = projects;
  if (projects.includes('gate')) {
    const obstacles = await gateObstacles();
    for (const line of obstacles) say(line);
    if (obstacles.length > 0) {
      if (mustBeComplete) return 1;
      say('skipping the tests of the gate');
      runnable = projects.filter((name) => name !== 'gate');
    }
  }
  if (runnable.length === 0) return 0;

  const built = await shell([process.execPath, 'scripts/build.mjs'], { cwd: ROOT });
  say(built.output.trim());
  if (built.code !== 0) return built.code;

  const selection = runnable.flatMap((name) => ['--project', name]);
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run'];
  const tests = await shell([...vitest, ...selection, ...rest], { cwd: ROOT, live: true });
  return tests.code;
}

process.exitCode = await main();
