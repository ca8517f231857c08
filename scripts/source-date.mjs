import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';
import { shell } from './shell.mjs';

/**
 * The time that packed files bear, in seconds since 1970: what SOURCE_DATE_EPOCH says, else the last commit's, else the date of the last
 * version in the change log. The same sources give the same packages.
 */
export async function sourceDate() {
  const { SOURCE_DATE_EPOCH } = process.env;
  if (/^[0-9]+$/.test(SOURCE_DATE_EPOCH ?? '')) return Number(SOURCE_DATE_EPOCH);
  const { code, output } = await shell(['git', 'log', '-1', '--format=%ct'], { cwd: ROOT });
  if (code === 0) return Number(output);
  const released = /^## \[[^\]]+\] - (\d{4}-\d{2}-\d{2})/m.exec(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'))?.[1];
  return Date.parse(released ?? '2000-01-01') / 1000;
}

/** Environment that keeps a packing program from taking anything else from its surroundings. */
export const surroundings = (seconds) => ({ SOURCE_DATE_EPOCH: String(seconds), TZ: 'UTC', LC_ALL: 'C.UTF-8' });
