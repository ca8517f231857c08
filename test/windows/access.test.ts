import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WINE } from '../../scripts/wine.mjs';
import { Windows } from './rig/windows.ts';

/**
 * Wine's own icacls and whoami do nothing. Those of test/windows/native take their place: they read and set the access lists that Wine
 * keeps, which it derives from the modes of Linux.
 */
describe('a key file outside of the profile', () => {
  let windows: Windows;
  const KEY = 'C:\\keys\\id';

  beforeAll(() => {
    windows = new Windows();
    const system = join(windows.disk, 'windows/system32');
    for (const name of ['icacls.exe', 'whoami.exe']) {
      // What is there is shared with all others.
      rmSync(join(system, name));
      cpSync(WINE.accounts, join(system, name));
    }
    mkdirSync(join(windows.disk, 'keys'));
    for (const name of ['knockgate.cjs', 'knockgate-commands.cjs'])
      cpSync(resolve('dist', name), join(windows.disk, name));
  });

  afterAll(() => windows?.end());

  const key = () => join(windows.disk, 'keys', 'id');
  const knockgate = (...args: string[]) => windows.node(['C:\\knockgate.cjs', ...args, '--identity', KEY]);

  it('is made for its user alone, and used', async () => {
    expect(await knockgate('keygen')).toMatchObject({ code: 0 });
    expect(statSync(key()).mode & 0o007).toBe(0);
    expect(await knockgate('pubkey')).toMatchObject({ code: 0, stderr: '' });
  });

  it('is refused when everybody can open it, with the command that mends it', async () => {
    chmodSync(key(), 0o644);
    const { code, stdout, stderr } = await knockgate('pubkey');
    expect([code, stdout]).toEqual([14, '']);
    expect(stderr).toContain('Everyone');
    const sid = /icacls "C:\\keys\\id" \/inheritance:r \/grant:r \*(S-1-[-0-9]+):F/.exec(stderr)?.[1] ?? '';
    expect(await windows.run('icacls.exe', [KEY, '/inheritance:r', '/grant:r', `*${sid}:F`])).toMatchObject({
      code: 0,
    });
    expect(await knockgate('pubkey')).toMatchObject({ code: 0 });
  });

  it('is refused when Windows does not say who can open it', async () => {
    rmSync(join(windows.disk, 'windows/system32/icacls.exe'));
    expect(await knockgate('pubkey')).toMatchObject({ code: 14, stderr: expect.stringContaining('%APPDATA%') });
    rmSync(key());
    expect(await knockgate('keygen')).toMatchObject({ code: 14 });
    expect(() => readFileSync(key())).toThrow('ENOENT');
  });
});
