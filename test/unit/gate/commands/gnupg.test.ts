import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportGpgKey } from '../../../../server-helper/commands/gnupg.ts';
import { writtenByOthers } from '../../../../server-helper/commands/written-by-others.ts';
import { temporaryFolder } from '../support.ts';

const OWN = process.getuid?.();

/** A folder of GnuPG in a folder of its own. */
function gnupgHome() {
  const above = join(temporaryFolder(), 'above');
  const home = join(above, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return { above, home };
}

describe('a folder of GnuPG', () => {
  it('is one’s own with what is above and in it, or root’s', () => {
    const { above, home } = gnupgHome();
    writeFileSync(join(home, 'gpg.conf'), '');
    expect(writtenByOthers(home, OWN)).toBeUndefined();
    expect(writtenByOthers('/', undefined)).toBeUndefined();
    // As /tmp is: nobody can move what is another's there.
    chmodSync(above, 0o1777);
    expect(writtenByOthers(home, OWN)).toBeUndefined();
    chmodSync(above, 0o777);
    expect(writtenByOthers(home, OWN)).toBe(above);
    // Whose folder it is must be told to be trusted.
    expect(writtenByOthers(home, (OWN ?? 0) + 1)).toBe(OWN === 0 ? above : home);
  });

  it.each(['', 'gpg.conf', 'gpg-agent.conf', 'common.conf'])(
    'to which others can write has no gpg run: %s',
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
