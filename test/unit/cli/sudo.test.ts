import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Shell } from '../../../src/cli/shell.ts';
import { shellOfInvoker, sudoInvoker } from '../../../src/cli/sudo.ts';
import { windowsOwner } from '../../../src/cli/windows-owner.ts';

const OWNER_ON_WINDOWS = windowsOwner({}, 'C:\\Users\\alice');
const BY_ALICE = { SUDO_UID: '1000', SUDO_USER: 'alice' };

describe('the user who ran sudo', () => {
  it.each([
    [0, BY_ALICE, { uid: 1000, name: 'alice' }],
    [1000, BY_ALICE, undefined],
    [OWNER_ON_WINDOWS, BY_ALICE, undefined],
    [0, {}, undefined],
    [0, { SUDO_UID: '0', SUDO_USER: 'root' }, undefined],
    [0, { SUDO_UID: '1000x', SUDO_USER: 'alice' }, undefined],
    [0, { SUDO_UID: '1000' }, undefined],
  ])('is recognized by user %s and %j', (owner, env, invoker) => {
    expect(sudoInvoker({ owner, env })).toEqual(invoker);
  });

  it('has the home of /etc/passwd, name and number both, and no XDG folder of root', () => {
    const folder = mkdtempSync(join(tmpdir(), 'knockgate-sudo-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(folder, { recursive: true });
    const passwd = join(folder, 'passwd');
    writeFileSync(
      passwd,
      'root:x:0:0::/root:/bin/sh\nbob:x:1000:1::/home/bob:/bin/sh\nalice:x:1000:1::/home/alice:/bin/sh\n',
    );
    const shell = (env: Shell['env']) => ({ owner: 0, homeFolder: '/root', env }) as Shell;
    const found = shellOfInvoker(shell({ ...BY_ALICE, XDG_CONFIG_HOME: '/root/x' }), passwd);
    expect([found?.homeFolder, found?.env.XDG_CONFIG_HOME]).toEqual(['/home/alice', undefined]);
    // Theirs are the files that their configuration may name, not root's.
    expect([found?.owner, found?.userName()]).toEqual([1000, 'alice']);
    expect(shellOfInvoker(shell({ ...BY_ALICE, SUDO_USER: 'eve' }), passwd)).toBeUndefined();
    expect(shellOfInvoker(shell(BY_ALICE), join(folder, 'none'))).toBeUndefined();
    expect(shellOfInvoker(shell({}), passwd)).toBeUndefined();
  });
});
