import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './install.mjs';
import { shell } from './shell.mjs';
import { sourceDate } from './source-date.mjs';

const MAY_TAKE = 120_000;
const PACKAGE = /\.(deb|vsix)$/;

/**
 * Packs both packages in another folder, a clone of what is committed, later, with another umask and another time zone, and compares them with those in dist.
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

/** Copies what is committed, by git. While something is not, copies the files as they are: what is in dist was made from them. */
export async function copySources(folder, from = ROOT) {
  const { output: changed } = await shell(['git', 'status', '--porcelain'], { cwd: from });
  if (changed.trim() === '') {
    const { code, output } = await shell(['git', 'clone', '--quiet', '--no-hardlinks', from, folder], { cwd: from });
    if (code !== 0) throw new Error(`git clone: exit ${code}\n${output}`);
  } else {
    await copyAsTheyAre(folder, from);
  }
  if (existsSync(join(from, 'node_modules'))) symlinkSync(join(from, 'node_modules'), join(folder, 'node_modules'));
}

async function copyAsTheyAre(folder, from) {
  const { output } = await shell(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: from,
  });
  const inPackages = (path) => !/^(test|bench)\//.test(path);
  for (const path of output.split('\0').filter((each) => each !== '' && inPackages(each))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(from, path), join(folder, path));
  }
}
