// npm run release: packs everything, and writes dist/SHA256SUMS over it. docs/releasing.md says how it is signed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { sums } from './sums.mjs';

const DIST = join(ROOT, 'dist');
/** The command line with its parts, its manual and its library, and the list of the packages in all programs. */
const CLIENT = ['knockgate.cjs', 'knockgate-commands.cjs', 'deploy.js', 'gate-files.json', 'openpgp.min.cjs'];
const BESIDE = ['knockgate.1', 'knockgate.cdx.json', 'THIRD-PARTY-NOTICES.txt'];

async function main() {
  for (const script of ['scripts/package.mjs', 'scripts/deb.mjs']) {
    const { code, output } = await shell([process.execPath, script], { cwd: ROOT });
    if (code !== 0) {
      say(`${script}: exit ${code}\n${output.trim()}`);
      return 1;
    }
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const packages = ['knockgate.vsix', `knockgate_${version}_all.deb`];
  writeFileSync(join(DIST, 'SHA256SUMS'), sums(DIST, [...packages, ...CLIENT, ...BESIDE]));
  say(readFileSync(join(DIST, 'SHA256SUMS'), 'utf8').trim());
  return 0;
}

process.exitCode = await main();
