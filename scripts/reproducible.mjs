import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './install.mjs';
import { shell } from './shell.mjs';
import { sourceDate } from './source-date.mjs';

const MAY_TAKE = 120_000;
const PACKAGE = /\.(deb|vsix)$/;

/**
 * Packs both packages in another folder, later, with another umask and another time zone, and compares them with those in dist.
 * @returns what differs, as text
 */
export async function reproducibleFaults() {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-again-'));
  try {
    await copySources(folder);
    const env = { SOURCE_DATE_EPOCH: String(await sourceDate()), TZ: 'Pacific/Auckland' };
    const both = 'umask 077 && node scripts/package.mjs && node scripts/deb.mjs';
    const { code, output } = await shell(['sh', '-c', both], { cwd: folder, env, timeout: MAY_TAKE });
    if (code !== 0) return `packing a second time: exit ${code}\n${output}`;
    const names = readdirSync(join(folder, 'dist')).filter((name) => PACKAGE.test(name));
    if (names.length !== 2) return `packed ${names.join(', ')}: expected a .vsix and a .deb`;
    const differ = names.filter((name) => {
      return !readFileSync(join(folder, 'dist', name)).equals(readFileSync(join(ROOT, 'dist', name)));
    });
    return differ.map((name) => `${name} differs when it is packed elsewhere`).join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function copySources(folder) {
  const { output } = await shell(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  });
  const inPackages = (path) => !/^(test|bench)\//.test(path);
  for (const path of output.split('\0').filter((each) => each !== '' && inPackages(each))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(folder, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}
