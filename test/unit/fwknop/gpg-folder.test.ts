import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writtenByOthers } from '../../../src/fwknop/gpg-folder.ts';
import { temporaryFolder } from '../client/support.ts';

const OWN = process.getuid?.();
const others = (folder: string, uid: number | undefined) => writtenByOthers(folder, uid, { statSync, readdirSync });

describe('a folder of GnuPG', () => {
  it('is one’s own with what is above and in it, or root’s', () => {
    const above = join(temporaryFolder(), 'above');
    const home = join(above, 'home');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(join(home, 'gpg.conf'), '');
    expect(others(home, OWN)).toBeUndefined();
    expect(others('/', undefined)).toBeUndefined();
    // Like /tmp: nobody can move another person's files there.
    chmodSync(above, 0o1777);
    expect(others(home, OWN)).toBeUndefined();
    chmodSync(above, 0o777);
    expect(others(home, OWN)).toBe(above);
    // Only the owner's own folders are trusted.
    expect(others(home, (OWN ?? 0) + 1)).toBe(OWN === 0 ? above : home);
  });
});
