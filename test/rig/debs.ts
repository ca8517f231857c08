import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebian } from '../../scripts/install.mjs';
import { scratch } from './cleanup.ts';
import { must } from './process.ts';
import type { Target } from './target.ts';

/**
 * Installs Debian packages on a target, which has no network: this machine fetches them.
 * @param extra what they depend on and a target lacks; of the rest nothing is installed
 */
export async function installDebs(target: Target, names: readonly string[], extra: readonly string[] = []) {
  const missing = await ensureDebian(names);
  if (missing.length > 0) throw new Error(missing.map(({ name, why }) => `${name} is missing: ${why}`).join('\n'));
  const { dir, discard } = scratch('debs');
  try {
    await must(['apt-get', 'download', '-q', ...names, ...extra], { cwd: dir, timeout: 120_000 });
    const files = readdirSync(dir);
    for (const file of files) copyFileSync(join(dir, file), join(target.root, 'root', file));
    const paths = files.map((file) => `/root/${file}`);
    await target.must(['dpkg', '-i', '--force-depends', ...paths], { timeout: 120_000 });
  } finally {
    discard();
  }
}

/**
 * Installs packages of the target's own release, with what they depend on. The target has no network: from outside they are fetched
 * onto its disk.
 */
export async function installOwnDebs(target: Target, names: readonly string[]) {
  const install = ['apt-get', '-q', 'install', '-y', '--no-install-recommends'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await must(['chroot', target.root, ...install, '--download-only', ...names], { timeout: 300_000 });
  await target.must([...install, '--no-download', ...names], { env, timeout: 300_000 });
}
