// npm run bench:activation: what the start of the extension is spent on, in a real workbench and in one that answers at once.
import { ROOT } from './install.mjs';
import { allowTypeScript, exitAfter, isReady, readCommandLine } from './measure.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { ensureWorkbench } from './workbench.mjs';

const USAGE = `npm run bench:activation [-- OPTIONS]
  --runs N   how often, from 1 to 99; 10 unless said otherwise`;

function checkRuns({ runs }) {
  if (!/^[1-9]\d?$/.test(runs)) throw new Error(`--runs ${runs} is invalid: expected a number from 1 to 99`);
}

exitAfter(async () => {
  const { runs } = readCommandLine({ runs: { type: 'string', default: '10' } }, USAGE, checkRuns);
  if (!(await isReady())) return 1;
  const missing = await ensureWorkbench();
  for (const { name, why } of missing) say(`${name} is missing: ${why}`);
  if (missing.length > 0) return 1;
  const packed = await shell([process.execPath, 'scripts/package.mjs'], { cwd: ROOT });
  if (packed.code !== 0) throw new Error(packed.output);
  await allowTypeScript();
  const { activation } = (await import('../bench/activation.ts')).default;
  await activation({ runs: Number(runs), say });
  return 0;
});
