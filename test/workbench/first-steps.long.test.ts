import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSshAuthority } from '../../src/ssh/authority.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import { Target } from '../rig/target.ts';
import { openRemoteSsh, sshEvents } from './open-remote-ssh.ts';
import { connected } from './remote-window.ts';
import { chooseFile } from './screens/keys.ts';

const PASSPHRASE = 'correct horse battery staple';
const COMES_WITHIN_MS = 180_000;

/* Somebody who has a server at an address, the key that ssh needs, and nothing else: no SSH configuration, no host that ssh knows. */
describe('the first steps, from an empty machine', () => {
  let target: Target;
  let workbench: Workbench;
  let window: Window;

  beforeAll(async () => {
    target = await Target.boot({ name: 'first', kind: 'bare' });
    workbench = await Workbench.start(target.pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      madeUp: [await openRemoteSsh()],
      remoteWindows: true,
    });
    rmSync(workbench.home.sshConfig);
    copyFileSync(target.identity, join(workbench.home.folder, '.ssh', 'id_ed25519'));
    window = await workbench.open('ew=true');
  });

  afterAll(async () => {
    await workbench?.close();
    await target?.end();
  });

  let pictures = 0;
  const picture = async (name: string) => {
    pictures += 1;
    await window.screenshot(`.cache/screens/first-steps-${String(pictures).padStart(2, '0')}-${name}.png`);
  };

  let questions = 0;
  /** A person reads a question for a second. */
  const answered = async (name: string, comes: () => Promise<unknown>, answer: () => Promise<unknown>) => {
    await comes();
    questions += 1;
    await sleep(1000);
    await picture(name);
    await answer();
  };
  const list = (name: string, says: RegExp, answer: () => Promise<unknown>) =>
    answered(name, () => window.asked(says, COMES_WITHIN_MS), answer);

  it('shows where to begin', async () => {
    await window.runCommand('Knockgate: Focus on Hosts View');
    await window.page
      .locator('.part.sidebar', { hasText: 'Is the server yours?' })
      .waitFor({ timeout: COMES_WITHIN_MS });
    await picture('view');
    await window.runCommand('Knockgate: Show First Steps');
    const steps = window.page.locator('.gettingStartedSlideDetails', { hasText: 'Is the server yours?' });
    await steps.waitFor({ timeout: COMES_WITHIN_MS });
    await picture('walkthrough');
    expect(existsSync(workbench.home.sshConfig)).toBe(false);
  }, 400_000);

  it('leads from an address to a window on a hidden server, in at most 8 questions', async () => {
    const startMs = performance.now();
    await window.runCommand('Knockgate: Set Up Gate on Host…');
    await list('address', /Choose a host, or type one/, async () => {
      await window.type(`root@${TARGET4}`);
      await picture('address-typed');
      await window.pick(`root@${TARGET4}`);
    });
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: /fingerprint of/ });
    await answered(
      'fingerprint',
      () => dialog.waitFor({ timeout: COMES_WITHIN_MS }),
      () => window.pressInDialog(/fingerprint of/, 'Yes'),
    );
    await answered(
      'plan',
      async () => {
        await window.asked(/Set up a gate as the plan shows/, COMES_WITHIN_MS);
        await window.showsPage('What will be there');
      },
      () => window.pick('Set Up Gate'),
    );
    await list('recovery-file', /Keep the Recovery Key/, () =>
      chooseFile({ window }, join(workbench.home.folder, 'recovery.key'), window.page.getByText('A new passphrase')),
    );
    await list('passphrase', /A new passphrase/, () => window.answer(PASSPHRASE));
    await list('passphrase-again', /same passphrase once more/, () => window.answer(PASSPHRASE));
    await picture('under-way');
    const isHidden = async () => (await window.notifications()).some(({ text }) => /is hidden now/.test(text));
    await window.eventually('the gate', isHidden, 400_000);
    await window.showsPage('Proved from outside');
    await picture('gate');
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);

    await window.runCommand('Knockgate: Knock and Connect…');
    // It replaces this window, since nothing is open in it.
    await list('connect', /Choose a host, or type one/, async () => {
      await window.pick(TARGET4);
      await window.page.waitForURL(/[?&]rig=/, { timeout: COMES_WITHIN_MS });
    });
    expect(await connected(window)).toMatchObject({ type: 'ok' });
    const seconds = (performance.now() - startMs) / 1000;
    await window.page.locator('.monaco-workbench [id="status.host"]').waitFor({ timeout: COMES_WITHIN_MS });
    await picture('remote-window');
    const installing = installSeconds(workbench.output('Knockgate'));
    figure(
      `from root@address to a remote window: ${questions} questions, ${seconds.toFixed(1)} s, ${installing.toFixed(1)} s of them for packages`,
    );
    expect(questions).toBeLessThanOrEqual(8);
    const authority = new URL(window.page.url()).searchParams.get('rig') ?? '';
    expect(parseSshAuthority(authority)).toEqual({ host: TARGET4, user: 'root', port: undefined });
    expect(sshEvents(workbench.home).at(-1)).toMatchObject({ event: 'logged in', attempt: 1, said: 'inside' });
  }, 1_400_000);
});

/** How long the server took to install packages, by the times in the log. */
function installSeconds(log: string): number {
  const times = log.split('\n').map((line) => ({ line, at: Date.parse(line.slice(0, 23)) }));
  const steps = times.filter(({ at }) => Number.isFinite(at));
  const begin = steps.findIndex(({ line }) => line.includes('Install the packages'));
  const [from, to] = [steps[begin]?.at, steps[begin + 1]?.at];
  if (from === undefined || to === undefined) throw new Error(`no installation in the log:\n${log}`);
  return (to - from) / 1000;
}
