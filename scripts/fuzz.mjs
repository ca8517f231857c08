// npm run fuzz: gives every reader of ours inputs that nobody has thought of.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNpm, ROOT } from './install.mjs';
import { say } from './say.mjs';

const USAGE = `npm run fuzz [-- OPTIONS] [TARGET ...]
  --seconds N    how long, all targets together; default: 60
  --inputs N     how many, all targets together, instead of how long; without a look at what code runs, which costs most of the time
  --seed TEXT    other inputs than the usual ones
  --input FILE   one input for one target, once: what a finding is seen again with`;

const OPTIONS = {
  seconds: { type: 'string', default: '60' },
  inputs: { type: 'string' },
  seed: { type: 'string', default: 'usual' },
  input: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
};

/** The command line; says what is wrong with it. */
function read(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    const seconds = Number(values.seconds);
    if (!(seconds > 0)) throw new Error(`--seconds: ${values.seconds} is not a number above 0`);
    const inputs = values.inputs === undefined ? undefined : Number(values.inputs);
    if (inputs !== undefined && !(Number.isSafeInteger(inputs) && inputs > 0))
      throw new Error(`--inputs: ${values.inputs} is not a whole number above 0`);
    // What follows `--` is a target as well.
    return { ...values, seconds, inputs, targets: positionals };
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

async function run() {
  const { help, seconds, inputs, seed, targets, input } = read(process.argv.slice(2));
  if (help) {
    say(USAGE);
    return 0;
  }
  await ensureNpm();
  process.env.TSX_DISABLE_CACHE = '1';
  await import('tsx');
  // To tsx our files are CommonJS, whose exports arrive as the default.
  const { main } = (await import('../test/fuzz/main.ts')).default;
  return main({ seconds, inputs, seed, targets, input, folder: join(ROOT, '.cache', 'fuzz'), say });
}

process.exitCode = await run();
