import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTargetRoots } from '../../scripts/target-root.mjs';
import { WINE } from '../../scripts/wine.mjs';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import type { Finished } from '../rig/process.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';
import { seenFromWindows, Windows } from './rig/windows.ts';

const PROGRAM = ['knockgate.cjs', 'knockgate-commands.cjs', 'deploy.js', 'gate-files.json', 'openpgp.min.cjs'];
const MAY_TAKE = 300_000;

/** ssh.exe is a stand-in (test/windows/native/ssh.c): it answers `ssh -G` and connects to nothing. The login is the library's. */
describe('a gate that is set up from Windows', () => {
  let target: Target;
  let windows: Windows;

  beforeAll(async () => {
    const missing = await ensureTargetRoots('bookworm');
    if (missing.length > 0) throw new Error(missing.map(({ name, why }) => `${name} is missing: ${why}`).join('\n'));
    target = await Target.boot({ name: 'windows', system: 'bookworm', kind: 'ready' });
    windows = new Windows({ ns: target.pair.client });
    const [program, ssh] = ['knockgate', 'OpenSSH'].map((name) => join(windows.disk, name)) as [string, string];
    for (const folder of [program, ssh]) mkdirSync(folder);
    for (const name of PROGRAM) cpSync(resolve('dist', name), join(program, name));
    cpSync(WINE.ssh, join(ssh, 'ssh.exe'));
    const settings = [
      `hostname ${TARGET4}`,
      'port 22',
      `user ${target.user}`,
      `identityfile ${seenFromWindows(target.identity)}`,
      'identitiesonly yes',
      `userknownhostsfile ${seenFromWindows(target.knownHosts)}`,
      'globalknownhostsfile none',
      `hostkeyalias ${HOST_ALIAS}`,
    ];
    writeFileSync(join(ssh, 'target.ssh-config'), `${settings.join('\n')}\n`);
  }, MAY_TAKE);

  afterAll(async () => {
    windows?.end();
    await target?.end();
  });

  const knockgate = (...args: string[]): Promise<Finished> =>
    windows.node(['C:\\knockgate\\knockgate.cjs', ...args], { env: { WINEPATH: 'C:\\OpenSSH' }, timeout: MAY_TAKE });
  const reached = () => isOpen(target.pair.client, TARGET4, 22);

  it('is planned with nothing changed, then set up, and opens to a knock', { timeout: MAY_TAKE }, async () => {
    const plan = await knockgate('deploy', 'target', '--dry-run');
    expect([plan.code, plan.stderr, await reached()]).toEqual([0, expect.any(String), true]);
    const done = await knockgate('deploy', 'target', '--yes', '--no-second-way');
    expect(`${done.stderr}\n${done.stdout}`).toContain('The gate on target is set up');
    expect([done.code, await reached()]).toEqual([0, false]);
    expect(await knockgate('knock', 'target')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('open after'),
    });
    const { stdout, stderr } = await target.ssh('echo in');
    expect([stdout, stderr]).toEqual(['in\n', expect.any(String)]);
  });

  it('is asked, and removed', { timeout: MAY_TAKE }, async () => {
    const asked = await knockgate('gate', 'target', 'status');
    expect([asked.code, asked.stderr]).toEqual([0, expect.any(String)]);
    const removed = await knockgate('undeploy', 'target', '--yes', '--forget');
    expect([removed.code, removed.stdout]).toEqual([0, expect.stringContaining('The gate on target is removed')]);
    expect(await reached()).toBe(true);
  });
});
