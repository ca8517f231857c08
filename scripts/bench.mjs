// npm run bench: installs what is missing, builds, and measures knockgate beside fwknopd and knockd.
import { parseArgs } from 'node:util';
import { BENCH_PACKAGES, ensureDebian, ensureNpm, GATE_PACKAGES, whyNoGate } from './install.mjs';
import { say } from './say.mjs';

const USAGE = `npm run bench [-- OPTIONS]
  --quick            a few knocks a case, as a look at whether it works: about a minute
  --case NAME        this case only, or \`breakdown\`, \`figures\`, \`client\`; may be repeated
  --subject NAME     this subject only; may be repeated
  --render           draws the chart and writes the figures of README and docs/benchmark.md again, from bench/results.json`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  render: { type: 'boolean', default: false },
  case: { type: 'string', multiple: true, default: [] },
  subject: { type: 'string', multiple: true, default: [] },
  help: { type: 'boolean', short: 'h', default: false },
};

/** The command line; says what is wrong with it. */
function read(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

async function main() {
  const { help, quick, render, case: cases, subject: subjects } = read(process.argv.slice(2));
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
  const { build } = await import('./build.mjs');
  await build();
  process.env.TSX_DISABLE_CACHE = '1';
  await import('tsx');
  // To tsx our files are CommonJS, whose exports arrive as the default.
  const { bench } = (await import('../bench/main.ts')).default;
  return await bench({ quick, render, cases, subjects });
}

// Ends the programs that still run, too: what tidies up is tied to the end of the process, however it comes.
main().then(
  (code) => process.exit(code),
  (error) => {
    say(error.stack);
    process.exit(1);
  },
);
