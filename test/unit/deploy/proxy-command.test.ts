import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { SshSettings } from '../../../src/deploy/connection/settings.ts';
import { openSsh2 } from '../../../src/deploy/connection/ssh2/carrier.ts';
import { shellFor } from '../../../src/deploy/connection/ssh2/proxy.ts';
import { problemOf, temporaryFolder } from '../support.ts';
import { SETTINGS } from './support.ts';

describe('the shell for a ProxyCommand', () => {
  it('is told the line with the quotes that are in it, on Windows inside quotes of its own', () => {
    const place = { platform: 'win32', env: { SystemRoot: 'C:\\WINDOWS' } } as const;
    expect(shellFor('"C:\\Program Files\\x.exe" prod', place)).toEqual({
      file: 'C:\\WINDOWS\\System32\\cmd.exe',
      args: ['/d', '/s', '/c', '""C:\\Program Files\\x.exe" prod"'],
      verbatim: true,
    });
  });

  it('runs a program whose path is quoted, with arguments that are', () => {
    const line = `"${process.execPath}" -p "process.argv.slice(1)" "a b" c`;
    const { file, args, verbatim } = shellFor(line, { platform: process.platform, env: process.env });
    const { stdout } = spawnSync(file, args, { encoding: 'utf8', windowsVerbatimArguments: verbatim });
    expect(stdout.trim()).toBe("[ 'a b', 'c' ]");
  });
});

describe('a ProxyCommand that makes no connection', () => {
  async function login(command: string, more: Partial<SshSettings> = {}) {
    const settings = { ...SETTINGS, proxyCommand: command, ...more };
    const prompts = { secret: async () => undefined, text: async () => undefined, confirm: async () => false };
    const here = { home: temporaryFolder(), user: 'alice', env: { PATH: process.env.PATH } };
    return problemOf(() => openSsh2(settings, { prompts, here, look: async () => settings }));
  }

  it.each([
    ['false', /^The program "false" ended: 1\.$/],
    ['/nonexistent/nc prod 22', /^The program "\/nonexistent\/nc prod 22" ended: 127\. It said: ".*not found"$/],
    ['sh -c "echo no route >&2; exit 3"', /ended: 3\. It said: "no route"$/],
    ['sh -c "kill -9 $$"', /ended: SIGKILL\.$/],
  ])('is named with its end and its words: %s', async (command, why) => {
    const problem = await login(command);
    expect(problem).toMatchObject({ code: 'proxy-failed', what: expect.stringContaining('Nothing was changed') });
    expect(problem.why).toMatch(why);
  });

  it('that stays silent is ended, and told as a server that is silent', async () => {
    const problem = await login('sleep 600', { all: new Map([['connecttimeout', '1']]) });
    expect(problem).toMatchObject({ code: 'not-reached', why: expect.stringContaining('no answer within 1 s') });
  });
});
