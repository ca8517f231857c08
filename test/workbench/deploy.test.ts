import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSealedFile } from '../../src/client/keys/exported-key.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';
import { chooseFile } from './screens/keys.ts';

const SCREENS = '.cache/screens';
const PASSPHRASE = 'correct horse battery staple';

/* A person in the editor, and a bare server. */
describe('a gate that is set up from the palette', () => {
  let target: Target;
  let workbench: Workbench;
  let window: Window;

  beforeAll(async () => {
    target = await Target.boot({ name: 'palette', kind: 'bare', sudo: 'password' });
    const sshConfig = [
      'Host target',
      `HostName ${TARGET4}`,
      `User ${target.user}`,
      `IdentityFile ${target.identity}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${target.knownHosts}`,
      'GlobalKnownHostsFile none',
      `HostKeyAlias ${HOST_ALIAS}`,
      '',
    ].join('\n');
    workbench = await Workbench.start(target.pair.client, { vsix: [resolve('dist/knockgate.vsix')], sshConfig });
    workbench.change({ 'remote.SSH.configFile': workbench.home.sshConfig });
    window = await workbench.open();
  });

  afterAll(async () => {
    await workbench?.close();
    await target?.end();
  });

  it('begins as a bare server and ends as a gate, with a report', async () => {
    const start = performance.now();
    await window.runCommand('Knockgate: Set Up Gate on Host…');
    await window.pick('target');
    await window.eventually(
      'the question for the password',
      async () => (await window.page.locator('.quick-input-widget input[type=password]').count()) > 0,
    );
    await window.answer(target.password);
    // Becoming root, and looking at a server, takes its time on a busy machine.
    await window.asked(/Set up a gate as the plan shows/, 90_000);
    await window.showsPage('What will be there');
    await window.screenshot(`${SCREENS}/gate-plan.png`);
    await window.pick('Set Up Gate');
    await window.asked(/Keep the Recovery Key for target/);
    await window.screenshot(`${SCREENS}/gate-recovery-file.png`);
    const file = join(workbench.home.folder, 'recovery.key');
    await chooseFile({ window }, file, window.page.getByText('A new passphrase'));
    await window.screenshot(`${SCREENS}/gate-recovery-passphrase.png`);
    for (let times = 0; times < 2; times++) {
      await window.asked(times === 0 ? /A new passphrase/ : /same passphrase once more/);
      await window.answer(PASSPHRASE);
    }
    await window.showsPage('Proved from outside', 240_000);
    await window.screenshot(`${SCREENS}/gate-report.png`);
    expect(isSealedFile(file)).toBe(true);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    figure(`from the palette, a bare server to a gate: ${seconds} s, with what a person types`);

    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);
    await window.runCommand('Knockgate: Knock…');
    await window.pick('target');
    await window.statusBarSays('knockgate.knockgate', /target: open/);
    expect((await target.ssh('echo in')).stdout).toBe('in\n');
    expect(workbench.output('Knockgate')).toContain('Confirm: the trial ends');
    expect(workbench.output('Knockgate')).not.toContain(target.password);
  }, 300_000);

  it('is a bare server again when the gate is removed', async () => {
    const password = window.page.locator('.quick-input-widget input[type=password]');
    await window.runCommand('Knockgate: Remove Gate from Host…');
    await window.pick('target');
    await window.eventually('the question for the password', () => password.isVisible(), 60_000);
    await window.answer(target.password);
    await window.eventually(
      'the question about the plan',
      async () => (await window.page.locator('.quick-input-widget', { hasText: 'Change Nothing' }).count()) > 0,
      90_000,
    );
    await window.showsPage('Removing the gate from target');
    await window.screenshot(`${SCREENS}/gate-removal-plan.png`);
    await window.pick('Remove Gate');
    await window.showsPage('answers without a knock', 240_000);
    await window.screenshot(`${SCREENS}/gate-removed.png`);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(true);
    await window.pressInDialog(/is removed/, 'Remove from Settings');
    await window.eventually('the settings without it', async () =>
      workbench.output('Knockgate').includes('target: removed'),
    );
  }, 500_000);
});
