// npm run demo:workbench: serves a real VS Code workbench with the packaged extension and a gate behind it.
//   node scripts/demo-workbench.mjs [--port N]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDebian, ensureNpm, ROOT, whyNoGate } from './install.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { ensureWorkbench } from './workbench.mjs';

const USAGE =
  'npm run demo:workbench [-- --port N]     N: the port of loopback to serve it on, 8480 unless said otherwise';

/** The command line; says what is wrong with it. */
function read(args) {
  try {
    const options = { port: { type: 'string', default: '8480' }, help: { type: 'boolean', short: 'h' } };
    const { port, help } = parseArgs({ args, options }).values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`${port} is not a port`);
    return { port: Number(port), help };
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

/** Lists obstacles as lines to print; empty when there are none. */
async function obstacles() {
  const why = whyNoGate();
  if (why) return [why];
  const missing = [...(await ensureDebian()), ...(await ensureWorkbench())];
  return missing.map(({ name, why }) => `${name} is missing: ${why}`);
}

async function main() {
  const { port, help } = read(process.argv.slice(2));
  if (help) {
    say(USAGE);
    return 0;
  }
  await ensureNpm();
  const inTheWay = await obstacles();
  if (inTheWay.length > 0) {
    for (const line of inTheWay) say(line);
    return 1;
  }
  const packed = await shell([process.execPath, 'scripts/package.mjs'], { cwd: ROOT });
  if (packed.code !== 0) {
    say(packed.output);
    return packed.code;
  }
  // In this very process, as in demo.mjs: then there is one process to get Ctrl-C and to tidy up.
  process.env.TSX_DISABLE_CACHE = '1';
  await import('tsx');
  const { demo } = (await import('../test/workbench/demo.ts')).default;
  return await demo({ port, vsix: join(ROOT, 'dist/knockgate.vsix'), say });
}

main().then(
  (code) => process.exit(code),
  (error) => {
    say(error.stack);
    process.exit(1);
  },
);
