import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportGpgKey } from '../../../../server-helper/import/gnupg.ts';
import { temporaryFolder } from '../support.ts';

/** A folder of GnuPG in a folder of its own. */
function gnupgHome() {
  const above = join(temporaryFolder(), 'above');
  const home = join(above, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return { above, home };
}

describe('a folder of GnuPG', () => {
  it.each(['', 'gpg.conf', 'gpg-agent.conf', 'common.conf'])(
    'to which others can write does not run gpg: %s',
    async (name) => {
      const { above, home } = gnupgHome();
      const path = join(home, name);
      if (name !== '') writeFileSync(path, 'agent-program /home/eve/run\n');
      chmodSync(path, 0o1777);
      const link = join(above, 'link');
      symlinkSync(home, link);
      for (const way of [home, link]) {
        expect(await exportGpgKey({ home: way, key: 'alice' })).toEqual({
          ok: false,
          why: expect.stringContaining(`others can write to ${path.replace(/\/$/, '')}, and`),
          isOthers: true,
        });
      }
    },
  );

  it('that is not there says so', async () => {
    const { home } = gnupgHome();
    expect(await exportGpgKey({ home: join(home, 'none'), key: 'alice' })).toEqual({
      ok: false,
      why: expect.stringContaining('ENOENT'),
    });
  });
});
