// npm run campaign: installs what is missing, builds, and makes one fault after the other at a real gate.
import { arch, release } from 'node:os';
import { ensureDebian, ensureNpm, ROOT, whyNoGate } from './install.mjs';
import { allowTypeScript, exitAfter, readCommandLine } from './measure.mjs';
import { say } from './say.mjs';

const USAGE = `npm run campaign [-- OPTIONS]
  --short        the most telling rows: half a minute
  --only TEXT    rows with this text in their part or name
  --beside N     how many rows run at the same time; 3 unless said otherwise
A whole run writes docs/campaign.md. Ends with 1 when a promise was broken.`;

const OPTIONS = {
  short: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  beside: { type: 'string', default: '3' },
};

function checkBeside({ beside }) {
  if (!/^[1-9]$/.test(beside)) throw new Error(`--beside ${beside} is invalid: expected a number from 1 to 9`);
}

exitAfter(async () => {
  const { short, only, beside } = readCommandLine(OPTIONS, USAGE, checkBeside);
  await ensureNpm();
  const why = whyNoGate();
  const missing = why ? [why] : (await ensureDebian()).map(({ name, why }) => `${name} is missing: ${why}`);
  for (const each of missing) say(each);
  if (missing.length > 0) return 1;
  // Needs packages that are there only now.
  const { build } = await import('./build.mjs');
  await build();
  await allowTypeScript();
  const { campaign } = (await import('../test/rig/campaign/main.ts')).default;
  const where = `with Node ${process.versions.node} on Linux ${release().split('.').slice(0, 2).join('.')} (${arch()})`;
  return await campaign({ isShort: short, only, beside: Number(beside), where, root: ROOT });
});
