// What every script that measures the gate begins and ends with.
import { parseArgs } from 'node:util';
import { BENCH_PACKAGES, ensureDebian, ensureNpm, GATE_PACKAGES, whyNoGate } from './install.mjs';
import { say } from './say.mjs';

/**
 * Reads the command line, or says what is wrong with it and ends with 2; prints the usage for `--help` and ends with 0.
 * @param check throws when a value is invalid
 */
export function readCommandLine(options, usage, check = () => undefined) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h', default: false } } });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    check(values);
    return values;
  } catch (error) {
    say(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

/** Installs what a measurement needs. @returns whether all of it is there; what is not has been said */
export async function isReady() {
  await ensureNpm();
  const why = whyNoGate();
  const missing = why ? [] : await ensureDebian([...GATE_PACKAGES, ...BENCH_PACKAGES]);
  for (const line of [...(why ? [why] : []), ...missing.map(({ name, why }) => `${name} is missing: ${why}`)])
    say(line);
  return why === undefined && missing.length === 0;
}

/** From now on `import` takes files in TypeScript. Their exports arrive as `default`: to tsx our files are CommonJS. */
export async function allowTypeScript() {
  process.env.TSX_DISABLE_CACHE = '1';
  // A package, which is there only when `isReady` has installed it.
  await import('tsx');
}

/** Ends with the exit code of `main`. Programs that still run end with it: what tidies up is tied to the end of the process. */
export function exitAfter(main) {
  main().then(
    (code) => process.exit(code),
    (error) => {
      say(error.stack);
      process.exit(1);
    },
  );
}
