// npm run soak: installs what is missing, builds, and watches for growth while a gate on a booted target is knocked at.
import { allowTypeScript, exitAfter, isReady, readCommandLine } from './measure.mjs';

const USAGE = `npm run soak [-- OPTIONS]
  --minutes N   how long; 60 unless said otherwise; a day is 1440. Growth of memory and files is judged from the eleventh
                minute on and needs 20 minutes at least, that of sets from the 23rd and 32`;

function checkMinutes({ minutes }) {
  if (!/^[1-9][0-9]{0,4}$/.test(minutes))
    throw new Error(`--minutes ${minutes} is invalid: expected a number from 1 on`);
}

exitAfter(async () => {
  const { minutes } = readCommandLine({ minutes: { type: 'string', default: '60' } }, USAGE, checkMinutes);
  if (!(await isReady())) return 1;
  // These are there only now, and so cannot be imported at the top.
  const { build, copyLibraries, GATE } = await import('./build.mjs');
  const { packDeb } = await import('./deb.mjs');
  await build({ entries: GATE });
  copyLibraries();
  await allowTypeScript();
  const { soak } = (await import('../bench/soak/main.ts')).default;
  return await soak(await packDeb(), Number(minutes));
});
