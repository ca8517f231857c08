import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The SHA-256 of files of a folder, in the form that `sha256sum --check` reads, in the order of their names. */
export function sums(folder, names) {
  const odd = names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
  if (odd.length > 0) throw new Error(`${JSON.stringify(odd)}: sha256sum would read such a name in another way`);
  const lines = [...names].sort().map((name) => {
    return `${createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')}  ${name}\n`;
  });
  return lines.join('');
}
