import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canHaveHook, includeLine, isUsablePath, managedConfig } from '../../../../src/ssh/hook/managed-config.ts';
import { posixScript, windowsScript } from '../../../../src/ssh/hook/script.ts';
import { socketPath } from '../../../../src/ssh/hook/socket-path.ts';
import { temporaryFolder } from '../../client/support.ts';

const hooked = (name: string, mayBeCarried = true) => ({ name, mayBeCarried });

describe('the managed file', () => {
  it('asks the hook for each host by its literal name, and leaves a configured ProxyCommand alone', () => {
    const names = ['prod', 'me@prod', '%n', 'x y', '-oX', '*'].map((name) => hooked(name));
    const text = managedConfig([...names, hooked('a.b-c_1', false)], {
      platform: 'darwin',
      script: '/Users/a/Library/Application Support/x/knock',
    });
    expect(text).toMatchInlineSnapshot(`
      "# Written by Knockgate from the setting knockgate.hosts, anew whenever that changes.
      # A ProxyCommand or ProxyJump of your own stays in force.
      Match originalhost a.b-c_1 exec "exec '/Users/a/Library/Application Support/x/knock' ask a.b-c_1"
      Match originalhost prod exec "exec '/Users/a/Library/Application Support/x/knock' ask-or-carry prod"
        ProxyCommand "/Users/a/Library/Application Support/x/knock" carry prod %h %p
      "
    `);
  });

  it('has no quotes around the path on Windows, and no ProxyCommand', () => {
    const text = managedConfig([hooked('prod')], { platform: 'win32', script: 'C:\\Users\\Jörg\\x\\knock.cmd' });
    expect(text.split('\n').slice(1)).toEqual([
      'Match originalhost prod exec "C:\\Users\\Jörg\\x\\knock.cmd ask prod"',
      '',
    ]);
  });

  it('takes names that mean nothing to any shell', () => {
    for (const name of ['%h', 'a b', 'a;b', '$(x)', '-x', '', 'a@b', 'ä', 'a*'])
      expect([name, canHaveHook(name)]).toEqual([name, false]);
  });

  it.each([
    ['linux', '/home/a/.config/Code/User/globalStorage/knockgate.knockgate/ssh-hook/config', true],
    ['darwin', '/Users/Jörg Ä/Library/Application Support/Code/x', true],
    ['linux', "/home/o'neil/x", false],
    ['linux', '/home/a"b', false],
    ['linux', '/home/100%/x', false],
    ['linux', '/home/[a]/x', false],
    ['linux', '/home/a\nb', false],
    ['linux', '/home/$a', false],
    ['linux', 'home/a', false],
    ['win32', 'C:\\Users\\a\\AppData\\Roaming\\Code\\User\\globalStorage\\knockgate.knockgate', true],
    ['win32', 'C:\\Users\\A~1.B\\x', true],
    ['win32', 'C:\\Users\\A B\\x', false],
    ['win32', 'C:\\Users\\a&b\\x', false],
    ['win32', '\\\\server\\share\\x', false],
  ] as const)('on %s: %s is usable: %s', (platform, path, usable) => {
    expect(isUsablePath(path, platform)).toBe(usable);
  });

  it('is included by a path that ssh reads as it is meant', () => {
    expect(includeLine('/a b/ü', 'linux')).toBe('Include "/a b/Ã¼"');
    expect(includeLine('C:\\Users\\a\\config', 'win32')).toBe('Include C:/Users/a/config');
  });
});

describe('the script', () => {
  const parts = {
    runtime: "/opt/it's/code",
    helper: '/x/dist/ssh-hook.cjs',
    socket: '/run/user/1/knockgate/x.sock',
    pidNamespace: '',
  };

  const run = (script: string, args: readonly string[]) => {
    const path = join(temporaryFolder(), 'knock');
    writeFileSync(path, script, { mode: 0o700 });
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('is one that every POSIX shell reads, and keeps its block from applying when nobody listens', () => {
    for (const args of [['ask', 'prod'], ['ask-or-carry', 'prod'], ['ask', '%n'], ['ask'], ['prod'], []])
      expect(run(posixScript(parts), args)).toEqual({ status: 1, stdout: '', stderr: '' });
  });

  it('says what is wrong when the editor is gone that should carry a connection', () => {
    const gone = run(posixScript(parts), ['carry', 'prod', '192.0.2.2', '22']);
    expect(gone).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^knockgate: prod: .* is gone; /),
    });
  });

  it('quotes for a POSIX shell', () => {
    expect(posixScript(parts)).toContain(`'/opt/it'\\''s/code'`);
  });

  const env = { LOCALAPPDATA: 'C:\\Users\\Jörg\\AppData\\Local', USERPROFILE: 'C:\\Users\\Jörg' };
  const windows = {
    runtime: 'C:\\Users\\Jörg\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe',
    helper: 'c:\\users\\jörg\\.vscode\\extensions\\knockgate\\dist\\ssh-hook.cjs',
    socket: 'C:\\Users\\Jörg\\AppData\\Local\\knockgate\\ssh-hook-01\\pipe',
  };

  it('is ASCII for cmd.exe, whatever the user is called', () => {
    const script = windowsScript(windows, env) ?? '';
    expect(script).toMatch(/^[\r\n\x20-\x7e]+$/);
    expect(script).toContain(
      '"%LOCALAPPDATA%\\Programs\\Microsoft VS Code\\Code.exe" "%USERPROFILE%\\.vscode\\extensions\\knockgate\\dist\\ssh-hook.cjs" "%KNOCKGATE_PIPE%" "%~2" <nul',
    );
    expect(script).toContain('set /p KNOCKGATE_PIPE=<"%LOCALAPPDATA%\\knockgate\\ssh-hook-01\\pipe"');
    expect(script.split('\r\n').at(-2)).toBe('exit /b 1');
    expect(script.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('is not written where cmd.exe would read something else', () => {
    expect(windowsScript({ ...windows, runtime: 'D:\\Jörg\\Code.exe' }, env)).toBeUndefined();
    expect(windowsScript({ ...windows, helper: 'C:\\100%\\x.cjs' }, env)).toBeUndefined();
  });
});

describe('the socket', () => {
  const storage = '/home/a/.config/Code/User/globalStorage/knockgate.knockgate';

  it('is in the folder of the session when there is one, else in the extension’s own', () => {
    const place = { storage };
    expect(socketPath({ ...place, runtimeFolder: '/run/user/1000' })).toMatch(
      /^\/run\/user\/1000\/knockgate\/[0-9a-f]{16}\.sock$/,
    );
    expect(socketPath({ ...place, runtimeFolder: undefined })).toBe(`${storage}/ssh-hook/socket`);
  });

  it('is another for each editor', () => {
    const place = { runtimeFolder: '/run/user/1000' };
    expect(socketPath({ ...place, storage })).not.toBe(socketPath({ ...place, storage: `${storage}2` }));
  });

  it('has a path that the system accepts, or no path', () => {
    const place = { storage: `/Users/${'a'.repeat(90)}` };
    expect(socketPath({ ...place, runtimeFolder: undefined })).toBeUndefined();
    expect(socketPath({ ...place, runtimeFolder: '/tmp/x' })).toMatch(/^\/tmp\/x/);
  });
});
