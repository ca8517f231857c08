// npm run demo: installs what is missing, builds, and shows knockgate at work.
//   node scripts/demo.mjs [--daemon FILE]
import { parseArgs } from 'node:util';
import { ensureDebian, ensureNpm, whyNoGate } from './install.mjs';
import { say } from './say.mjs';

const USAGE = 'npm run demo [-- --daemon FILE]     FILE: a daemon to show instead of dist/knockgated.cjs';

/** The command line; says what is wrong with it. */
function read(args) {
  try {
    return parseArgs({ args, options: { daemon: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

/** Lists obstacles to the whole demo as lines to print; empty when nothing is. */
async function gateObstacles() {
  const why = whyNoGate();
  if (why) return [why];
  return (await ensureDebian()).map(({ name, why }) => `${name} is missing: ${why}`);
}

async function main() {
  const { daemon, help } = read(process.argv.slice(2));
  if (help) {
    say(USAGE);
    return 0;
  }
  await ensureNpm();
  const obstacles = await gateObstacles();
  const startedAt = performance.now();

  // These are there only now, and so cannot be imported at the top.
  const { build } = await import('./build.mjs');
  await build();
  // In this very process rather than a child: then there is one process to get Ctrl-C and to tidy up.
  // The cache would stay behind in the folder for temporary files.
  process.env.TSX_DISABLE_CACHE = '1';
  await import('tsx');
  // To tsx our files are CommonJS, whose exports arrive as the default.
  const { demo } = (await import('../test/demo/main.ts')).default;
  return await demo({ daemon, obstacles, startedAt });
}

// Ends the programs that still run, too: what tidies up is tied to the end of the process, however it comes.
main().then(
  (code) => process.exit(code),
  (error) => {
    say(error.stack);
    process.exit(1);
  },
);
