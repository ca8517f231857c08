// npm run bench: installs what is missing, builds, and measures knockgate beside fwknopd and knockd.
import { allowTypeScript, exitAfter, isReady, readCommandLine } from './measure.mjs';

const USAGE = `npm run bench [-- OPTIONS]
  --quick            a few knocks a case, as a look at whether it works: about a minute
  --case NAME        this case only, or \`breakdown\`, \`figures\`, \`client\`; may be repeated
  --subject NAME     this subject only; may be repeated
  --render           draws the chart and writes the figures of docs/benchmark.md again, from bench/results.json`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  render: { type: 'boolean', default: false },
  case: { type: 'string', multiple: true, default: [] },
  subject: { type: 'string', multiple: true, default: [] },
};

exitAfter(async () => {
  const { quick, render, case: cases, subject: subjects } = readCommandLine(OPTIONS, USAGE);
  if (!(await isReady())) return 1;
  // Needs packages that are there only now.
  const { build } = await import('./build.mjs');
  await build();
  await allowTypeScript();
  const { bench } = (await import('../bench/main.ts')).default;
  return await bench({ quick, render, cases, subjects });
});
