import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { say } from './say.mjs';

const STAMP = 'installed';

/**
 * Installs a folder of `.cache`, unless it was made by this recipe. It is made beside its place and then renamed, so that what is in its
 * place is whole even if an earlier run was interrupted.
 * @param home the folder's place
 * @param recipe a text that changes when anything that is installed does
 * @param what for people, with its size
 * @param make puts everything into the folder it is given
 */
export async function installWhole({ home, recipe, what, make }) {
  const stamp = join(home, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) return;
  sweep(home);
  say(`installing ${what}`);
  const start = performance.now();
  const fresh = `${home}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  await make(fresh);
  writeFileSync(join(fresh, STAMP), recipe);
  rmSync(home, { recursive: true, force: true });
  renameSync(fresh, home);
  say(`installed it in ${Math.round((performance.now() - start) / 1000)} s`);
}

/** Deletes what interrupted runs have left beside the place. */
function sweep(home) {
  const folder = dirname(home);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const [start, owner] = [name.slice(0, name.lastIndexOf('.')), /\.(\d+)$/.exec(name)?.[1]];
    if (start !== basename(home) || !owner || existsSync(`/proc/${owner}`)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
