import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import { Target } from '../rig/target.ts';
import { chooseFile } from './screens/keys.ts';
import type { Window } from './window.ts';
import { Workbench } from './workbench.ts';

const PASSPHRASE = 'correct horse battery staple';

/** A question of the wizard, and how it is answered. */
interface Question {
  readonly says: RegExp;
  readonly kind: 'list' | 'dialog';
  readonly answer: () => Promise<unknown>;
}

/**
 * Tests of the wizard with a person who reads that long before each answer, and clicks elsewhere meanwhile. The server is bare, and ssh
 * does not know its key.
 */
export function describeWizard(title: string, secondsBetween: number): void {
  describe(title, () => {
    let target: Target;
    let workbench: Workbench;
    let window: Window;

    beforeAll(async () => {
      target = await Target.boot({ name: 'wizard', kind: 'bare' });
      workbench = await Workbench.start(target.pair.client, { vsix: [resolve('dist/knockgate.vsix')] });
      const identity = join(workbench.home.folder, '.ssh', 'id');
      copyFileSync(target.identity, identity);
      const known = `UserKnownHostsFile ${join(workbench.home.folder, '.ssh', 'known')}\nGlobalKnownHostsFile none`;
      workbench.writeSshConfig(`Host bare\nHostName ${TARGET4}\nUser root\nIdentityFile ${identity}\n${known}\n`);
      workbench.change({ 'remote.SSH.configFile': workbench.home.sshConfig });
      window = await workbench.open();
    });

    afterAll(async () => {
      await workbench?.close();
      await target?.end();
    });

    const questions = (): Question[] => [
      { says: /Choose a host/, kind: 'list', answer: () => window.pick('bare') },
      {
        says: /fingerprint of/,
        kind: 'dialog',
        answer: () => window.pressInDialog(/fingerprint of/, 'Yes'),
      },
      { says: /Set up a gate as the plan shows/, kind: 'list', answer: () => window.pick('Set Up Gate') },
      {
        says: /Keep the Recovery Key/,
        kind: 'list',
        answer: () =>
          chooseFile(
            { window },
            join(workbench.home.folder, 'recovery.key'),
            window.page.getByText('A new passphrase'),
          ),
      },
      { says: /A new passphrase/, kind: 'list', answer: () => window.answer(PASSPHRASE) },
      { says: /same passphrase once more/, kind: 'list', answer: () => window.answer(PASSPHRASE) },
    ];

    const isShown = async ({ says, kind }: Question, patienceMs: number) => {
      if (kind === 'list') return window.asked(says, patienceMs);
      await window.page.locator('.monaco-dialog-box', { hasText: says }).waitFor({ timeout: patienceMs });
    };
    const isBare = async () =>
      (await target.run(['sh', '-c', 'ls -d /etc/knockgate /usr/lib/knockgate; command -v nft'])).stdout === '' &&
      (await isOpen(target.pair.client, TARGET4, 22));

    it('tells after a reload that nothing was changed, which is true', async () => {
      await window.runCommand('Knockgate: Set Up Gate on Host…');
      const [host, fingerprint, plan] = questions();
      for (const question of [host, fingerprint]) {
        if (question === undefined) continue;
        await isShown(question, 60_000);
        await question.answer();
      }
      if (plan !== undefined) await isShown(plan, 90_000);
      await sleep(1000 * secondsBetween);
      await window.reload();
      await window.eventually(
        'a message about the server',
        async () => (await window.notifications()).some(({ text }) => /Nothing was changed there/.test(text)),
        60_000,
      );
      expect(await isBare()).toBe(true);
    }, 400_000);

    it('ends with a gate, after at most 8 questions', async () => {
      await window.runCommand('Knockgate: Set Up Gate on Host…');
      let asked = 0;
      for (const question of questions()) {
        // ssh knows the server since the first attempt.
        if (question.kind === 'dialog') continue;
        await isShown(question, 90_000);
        asked += 1;
        await sleep(1000 * secondsBetween);
        // A click into the editor takes the focus away.
        if (asked > 1) await window.page.mouse.click(800, 600);
        await isShown(question, 5000);
        await window.screenshot(`.cache/screens/wizard-${asked}.png`);
        await question.answer();
      }
      // The fingerprint, which the first attempt has asked about, counts as well.
      expect(asked + 1).toBeLessThanOrEqual(8);
      await window.eventually(
        'the gate',
        async () => (await window.notifications()).some(({ text }) => /is hidden now/.test(text)),
        240_000,
      );
      expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);
      await window.runCommand('Knockgate: Knock…');
      await window.pick('bare');
      await window.statusBarSays('knockgate.knockgate', /bare: open/);
      expect((await target.ssh('echo in')).stdout).toBe('in\n');
    }, 1_000_000);
  });
}
