// npm run bench:activation: what the start of the extension is spent on, in a real workbench and in one that answers at once.
//   node scripts/bench-activation.mjs [--runs N]
import { parseArgs } from 'node:util';
import { ensureDebian, ensureNpm, ROOT, whyNoGate } from './install.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { ensureWorkbench } from './workbench.mjs';

async function main() {
  const { runs } = parseArgs({ options: { runs: { type: 'string', default: '10' } } }).values;
  if (!/^[1-9]\d?$/.test(runs)) throw new Error(`--runs ${runs}: a number from 1 to 99`);
  const why = whyNoGate();
  if (why) throw new Error(why);
  await ensureNpm();
  const missing = [...(await ensureDebian()), ...(await ensureWorkbench())];
  if (missing.length > 0) throw new Error(missing.map((each) => `${each.name} is missing: ${each.why}`).join('\n'));
  const packed = await shell([process.execPath, 'scripts/package.mjs'], { cwd: ROOT });
  if (packed.code !== 0) throw new Error(packed.output);
  process.env.TSX_DISABLE_CACHE = '1';
  await import('tsx');
  const { activation } = (await import('../bench/activation.ts')).default;
  await activation({ runs: Number(runs), say });
}

main().then(
  () => process.exit(0),
  (error) => {
    say(error.message);
    process.exit(1);
  },
);
