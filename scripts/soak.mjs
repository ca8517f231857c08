// npm run soak: installs what is missing, builds, and watches for growth while a gate on a booted target is knocked at.
import { parseArgs } from 'node:util';
import { BENCH_PACKAGES, ensureDebian, ensureNpm, GATE_PACKAGES, whyNoGate } from './install.mjs';
import { say } from './say.mjs';

const USAGE = `npm run soak [-- OPTIONS]
  --minutes N   how long; 30 unless said otherwise. Growth is judged from the eleventh minute on, and needs 20 minutes at least`;

const OPTIONS = {
  minutes: { type: 'string', default: '30' },
  help: { type: 'boolean', short: 'h', default: false },
};

/** The command line; says what is wrong with it. */
function read(args) {
  try {
    const { minutes, help } = parseArgs({ args, options: OPTIONS }).values;
    if (!/^[1-9][0-9]{0,4}$/.test(minutes))
      throw new Error(`--minutes ${minutes} is invalid: expected a number from 1 on`);
    return { minutes: Number(minutes), help };
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

async function main() {
  const { help, minutes } = read(process.argv.slice(2));
  if (help) {
    say(USAGE);
    return 0;
  }
  await ensureNpm();
  const why = whyNoGate();
  const missing = why ? [] : await ensureDebian([...GATE_PACKAGES, ...BENCH_PACKAGES]);
  for (const line of [...(why ? [why] : []), ...missing.map(({ name, why }) => `${name} is missing: ${why}`)])
    say(line);
  if (why || missing.length > 0) return 1;

  // These are there only now, and so cannot be imported at the top.
  const { build, copyLibraries, GATE } = await import('./build.mjs');
  const { packDeb } = await import('./deb.mjs');
  await build({ entries: GATE });
  copyLibraries();
  const deb = await packDeb();
  process.env.TSX_DISABLE_CACHE = '1';
  await import('tsx');
  // To tsx our files are CommonJS, whose exports arrive as the default.
  const { soak } = (await import('../bench/soak/main.ts')).default;
  return await soak(deb, minutes);
}

// Ends the programs that still run, too: what tidies up is tied to the end of the process, however it comes.
main().then(
  (code) => process.exit(code),
  (error) => {
    say(error.stack);
    process.exit(1);
  },
);
