import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copySources } from '../../../scripts/reproducible.mjs';
import { temporaryFolder } from '../client/support.ts';

/** A repository with one file that is committed and one that git ignores. */
function repository(): string {
  const folder = temporaryFolder();
  const git = (...argv: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...argv], { cwd: folder });
  writeFileSync(join(folder, '.gitignore'), 'ignored\n');
  for (const name of ['committed', 'ignored']) writeFileSync(join(folder, name), 'as committed');
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  return folder;
}

describe('what the second build is made from', () => {
  it('is a clone of what is committed, without what git ignores', async () => {
    const copy = join(temporaryFolder(), 'copy');
    await copySources(copy, repository());
    expect(['committed', '.git', 'ignored'].map((name) => existsSync(join(copy, name)))).toEqual([true, true, false]);
  });

  it('is the files as they are while something is not committed', async () => {
    const from = repository();
    writeFileSync(join(from, 'committed'), 'changed');
    const copy = temporaryFolder();
    await copySources(copy, from);
    expect(readFileSync(join(copy, 'committed'), 'utf8')).toBe('changed');
  });
});
