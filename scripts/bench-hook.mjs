// npm run bench:hook: what the SSH hook adds to an ssh, beside the least Node program.
import { ROOT } from './install.mjs';
import { allowTypeScript, exitAfter, readCommandLine } from './measure.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';

const USAGE = `npm run bench:hook [-- OPTIONS]
  --runs N   how often, from 1 to 99; 20 unless said otherwise`;

function checkRuns({ runs }) {
  if (!/^[1-9]\d?$/.test(runs)) throw new Error(`--runs ${runs} is invalid: expected a number from 1 to 99`);
}

exitAfter(async () => {
  const { runs } = readCommandLine({ runs: { type: 'string', default: '20' } }, USAGE, checkRuns);
  const built = await shell([process.execPath, 'scripts/build.mjs'], { cwd: ROOT });
  if (built.code !== 0) throw new Error(built.output);
  await allowTypeScript();
  const { hook } = (await import('../bench/hook.ts')).default;
  await hook({ runs: Number(runs), say });
  return 0;
});
