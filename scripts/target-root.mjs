import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, ensureDebian, logged } from './install.mjs';
import { say } from './say.mjs';
import { shell } from './shell.mjs';
import { systemNamed } from './target-systems.mjs';

/** Packages that boot a target and look at it from outside. */
const PACKAGES = ['iproute2', 'mmdebstrap', 'mount', 'openssh-client', 'systemd-container', 'util-linux'];

/** The user who logs in, and the password that sudo may ask for. */
export const TARGET_USER = 'dev';
export const TARGET_PASSWORD = 'correct horse';

/** Debian's own; in the targets too. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const HOME = join(CACHE, 'target');
const OURS = fileURLToPath(import.meta.url);

/** Where the tree of a kind of target is; `scripts/target-systems.mjs` names the kinds. */
export const targetRoot = (kind, system) => join(HOME, system, kind);

/**
 * Makes the trees that targets with a system boot from. Never throws: returns what is still missing, each with the reason, as
 * `[{ name, why }]`.
 */
export async function ensureTargetRoots(system) {
  const missing = await ensureDebian(PACKAGES);
  if (missing.length > 0) return missing;
  try {
    await makeRoots(system, systemNamed(system));
    return [];
  } catch (error) {
    return [{ name: `a target with ${system} that boots`, why: error.message }];
  }
}

/** Makes the trees beside their place and then moves them there: an interrupted run leaves the old ones whole. */
async function makeRoots(name, system) {
  const home = join(HOME, name);
  // Not all of the list: a new system is no reason to make the others again.
  const stamp = createHash('sha256').update(readFileSync(OURS)).update(JSON.stringify(system)).digest('hex');
  if (existsSync(join(home, 'made')) && readFileSync(join(home, 'made'), 'utf8') === stamp) return;
  await sweep();
  const start = performance.now();
  const sources = await debianSources(system.suite);
  say(`making the trees that targets with ${name} boot from, some 900 MB`);
  const fresh = join(HOME, `${name}.${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  const at = (kind) => join(fresh, kind);
  await makeBare(at('bare'), sources, system);
  for (const { kind, from, packages } of system.kinds) await addPackages(at(from), at(kind), packages, system);
  writeFileSync(join(fresh, 'made'), stamp);
  await logged('target-remove', ['rm', '-rf', '--one-file-system', home]);
  renameSync(fresh, home);
  say(`made them in ${Math.round((performance.now() - start) / 1000)} s`);
}

/**
 * Lines of sources.list for a release of Debian, from the mirrors in this machine's own apt sources: those are in reach. A mirror has
 * every supported release, and the archive's keyring the keys of all of them.
 */
async function debianSources(suite) {
  let found = await listSources();
  // apt names only what it has looked at, and lists are often deleted to save space.
  if (found.length === 0) {
    await logged('apt-update', ['apt-get', '-q', 'update']);
    found = await listSources();
  }
  if (found.length === 0)
    throw new Error("targets are made from this machine's own sources of Debian, and it has none");
  const option = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  return found.map((source) => {
    const [mirror, release, ...components] = source.split(' ');
    return `deb ${option}${[mirror, release.replace(/^[a-z]+/, suite), ...components].join(' ')}`;
  });
}

async function listSources() {
  const format = '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const { output } = await shell(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  const found = output.split('\n').filter((line) => /^Debian \S+ \S+ main$/.test(line));
  return [...new Set(found)].map((line) => line.slice('Debian '.length));
}

async function makeBare(root, sources, { suite, bare, needs, enable }) {
  const options = [
    '--variant=minbase',
    `--include=${bare.join(',')}`,
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    // What it can install later without a network is what these lists name.
    '--skip=cleanup/apt/lists',
  ];
  const list = `${root}.list`;
  writeFileSync(list, `${sources.join('\n')}\n`);
  await logged('target-bare', ['mmdebstrap', ...options, suite, root, list]);
  await inside(root, 'target-user', [
    ['useradd', '--create-home', '--shell', '/bin/bash', TARGET_USER],
    ['sh', '-c', `echo '${TARGET_USER}:${TARGET_PASSWORD}' | chpasswd`],
    enable,
    ['apt-get', '-q', 'install', '-y', '--no-install-recommends', '--download-only', ...needs],
  ]);
  appendFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost target\n');
  writeFileSync(join(root, 'etc/hostname'), 'target\n');
  // Each target gets its own key, and only the one kind that is quickly made.
  for (const file of readdirSync(join(root, 'etc/ssh'))) {
    if (/^ssh_host_.*_key/.test(file)) rmSync(join(root, 'etc/ssh', file));
  }
}

async function addPackages(from, to, names, { units }) {
  await logged('target-copy', ['cp', '-a', '--reflink=auto', from, to]);
  await inside(to, 'target-packages', [['apt-get', '-q', 'install', '-y', '--no-install-recommends', ...names]]);
  // Which firewall is in force is for each test to say.
  for (const unit of names.filter((name) => units.includes(name)))
    await inside(to, 'target-units', [['systemctl', 'disable', unit]]);
}

/** Runs programs inside a tree that is not booted; none of them may start a service. */
async function inside(root, name, commands) {
  const policy = join(root, 'usr/sbin/policy-rc.d');
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  for (const command of commands) await logged(name, ['chroot', root, ...command], { env });
  rmSync(policy);
}

/**
 * Deletes what earlier runs, ended half-way, have left. What was being installed into such a tree had parts of this system
 * mounted there: they are taken away first, and the deletion keeps to the one file system whatever happens.
 */
async function sweep() {
  if (!existsSync(HOME)) return;
  for (const name of readdirSync(HOME)) {
    const owner = /^\w+\.(\d+)$/.exec(name)?.[1];
    if (!owner || existsSync(`/proc/${owner}`)) continue;
    const tree = join(HOME, name);
    const mounted = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const path of mounted.reverse()) if (path.startsWith(`${tree}/`)) await shell(['umount', '--lazy', path]);
    await shell(['rm', '-rf', '--one-file-system', tree]);
  }
}
