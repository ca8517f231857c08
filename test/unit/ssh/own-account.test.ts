import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ownAccount } from '../../../src/ssh/own-account.ts';
import { temporaryFolder } from '../support.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the own account', () => {
  it('is that of the password file, whatever HOME and USER say', () => {
    const before = ownAccount();
    vi.stubEnv('HOME', '/nowhere');
    vi.stubEnv('USER', 'nobody-of-that-name');
    expect(ownAccount()).toEqual(before);
    const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
    expect(entries.some((entry) => entry.startsWith(`${before.user}:`) && entry.includes(`:${before.home}:`))).toBe(
      true,
    );
  });

  it('is the one that ssh takes: it reads no configuration below HOME', () => {
    const home = temporaryFolder();
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh', 'config'), 'Host prod\n  Port 2222\n');
    const env = { ...process.env, HOME: home };
    expect(spawnSync('ssh', ['-G', 'prod'], { env, encoding: 'utf8' }).stdout).toMatch(/^port 22$/m);
  });
});
