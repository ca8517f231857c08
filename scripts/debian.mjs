import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './shell.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_SAVED = `${POLICY}.before-knockgate`;
/** dpkg-query's own placeholders: name and state of a package. */
const FORMAT = `\${Package} \${db:Status-Status}\n`;

const LISTS = '/var/lib/apt/lists';
const LISTS_ARE_OLD_MS = 24 * 3600 * 1000;

/** Lists those of these packages that are not installed; undefined where there is no dpkg or no apt-get. */
export async function missingDebian(packages) {
  if (!existsSync('/usr/bin/dpkg-query') || !existsSync('/usr/bin/apt-get')) return undefined;
  const { output } = await shell(['dpkg-query', '-W', '-f', FORMAT, ...packages]);
  const installed = new Set(output.split('\n'));
  return packages.filter((name) => !installed.has(`${name} installed`));
}

/** Installs packages without starting any service, now or at the next boot. `logged` runs a program or throws. */
export async function installDebian(packages, logged) {
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const apt = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];
  const update = () => logged('apt-update', [...apt, 'update'], { env });
  const install = () =>
    logged('apt-install', [...apt, 'install', '-y', '--no-install-recommends', ...packages], { env });

  await withoutServices(async () => {
    const fresh = listsAreFresh();
    if (!fresh) await update();
    await install().catch(async (error) => {
      if (!fresh) throw error;
      // The lists may be younger than a day and yet name files that are gone.
      await update();
      await install();
    });
  });
  if (packages.includes('openssh-server') && existsSync('/usr/bin/systemctl')) {
    // Its installation enables it for the next boot; nobody who runs our tests has asked for a login service.
    await logged('disable-ssh', ['systemctl', 'disable', 'ssh.service', 'ssh.socket']).catch(() => {});
  }
}

/** Lists keep the dates that the server gave them; the folder for downloads tells when apt last looked. */
function listsAreFresh() {
  const partial = join(LISTS, 'partial');
  if (!existsSync(partial) || !readdirSync(LISTS).some((name) => name.includes('_Packages'))) return false;
  return Date.now() - statSync(partial).mtimeMs < LISTS_ARE_OLD_MS;
}

/**
 * Debian starts a service when it is installed, unless policy-rc.d forbids it. Ours stays only for the
 * installation, also when that is interrupted: Ctrl-C reaches apt as well, and once apt has ended we put back
 * what was there.
 */
async function withoutServices(work) {
  let interrupted = false;
  const note = () => {
    interrupted = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, note);
  // One that is saved already comes from a run that was killed hard: it is the true one.
  if (existsSync(POLICY) && !existsSync(POLICY_SAVED)) renameSync(POLICY, POLICY_SAVED);
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
  chmodSync(POLICY, 0o755);
  try {
    await work();
  } finally {
    rmSync(POLICY, { force: true });
    if (existsSync(POLICY_SAVED)) renameSync(POLICY_SAVED, POLICY);
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, note);
    if (interrupted) process.exit(130);
  }
}
