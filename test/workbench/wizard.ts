import { copyFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target } from '../rig/target.ts';
import { chooseFile } from './screens/keys.ts';
import { STAGEHAND, tellStagehand } from './screens/stagehand.ts';

const PASSPHRASE = 'correct horse battery staple';
/** Until a question comes: logging in and looking at a server take their time on a busy machine. */
const QUESTION_COMES_MS = 180_000;

/** A question of the wizard, and how it is answered. */
export interface Question {
  readonly name: string;
  readonly says: RegExp;
  readonly kind: 'list' | 'dialog';
  readonly answer: () => Promise<unknown>;
}

/** The state of the server: its files and service as the server sees them, and its port as anybody sees it. */
export interface ServerState {
  readonly hasGateFiles: boolean;
  readonly service: string;
  readonly isHidden: boolean;
}

/** State of a server that nobody has changed. */
export const BARE: ServerState = { hasGateFiles: false, service: 'inactive', isHidden: false };
/** A server with a gate that stays. */
export const GATE: ServerState = { hasGateFiles: true, service: 'active', isHidden: true };

/** A bare server whose key ssh does not know, its owner, who needs a password for sudo there, and the window that owner has open. */
export class Wizard {
  readonly target: Target;
  readonly workbench: Workbench;
  readonly window: Window;

  private constructor(target: Target, workbench: Workbench, window: Window) {
    this.target = target;
    this.workbench = workbench;
    this.window = window;
  }

  static async prepare(name: string): Promise<Wizard> {
    const target = await Target.boot({ name, kind: 'bare', sudo: 'password' });
    try {
      const workbench = await Workbench.start(target.pair.client, {
        vsix: [resolve('dist/knockgate.vsix')],
        madeUp: [STAGEHAND],
      });
      const wizard = new Wizard(target, workbench, await workbench.open());
      const identity = join(workbench.home.folder, '.ssh', 'id');
      copyFileSync(target.identity, identity);
      const known = `UserKnownHostsFile ${wizard.knownHosts}\nGlobalKnownHostsFile none`;
      const login = `HostName ${TARGET4}\nUser ${target.user}\nIdentityFile ${identity}`;
      workbench.writeSshConfig(`Host bare\n${login}\n${known}\n`);
      workbench.change({ 'remote.SSH.configFile': workbench.home.sshConfig });
      return wizard;
    } catch (error) {
      await target.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.workbench.close();
    await this.target.end();
  }

  /** Begins from the palette, on a computer that has never seen the server. */
  async begin(): Promise<void> {
    rmSync(this.knownHosts, { force: true });
    await this.window.runCommand('Knockgate: Set Up Gate on Host…');
  }

  /** The questions in their order. */
  questions(): Question[] {
    const { window, workbench, target } = this;
    const file = join(workbench.home.folder, 'recovery.key');
    return [
      { name: 'host', says: /Choose a host/, kind: 'list', answer: () => window.pick('bare') },
      {
        name: 'fingerprint',
        says: /fingerprint of/,
        kind: 'dialog',
        answer: () => window.pressInDialog(/fingerprint of/, 'Yes'),
      },
      { name: 'password', says: /Password of .*sudo/, kind: 'list', answer: () => window.answer(target.password) },
      { ...this.plan, answer: () => window.pick('Set Up Gate') },
      {
        name: 'recovery file',
        says: /Keep the Recovery Key/,
        kind: 'list',
        answer: () => chooseFile({ window }, file, window.page.getByText('A new passphrase')),
      },
      { name: 'passphrase', says: /A new passphrase/, kind: 'list', answer: () => window.answer(PASSPHRASE) },
      {
        name: 'passphrase once more',
        says: /same passphrase once more/,
        kind: 'list',
        answer: () => window.answer(PASSPHRASE),
      },
    ];
  }

  /** The same for somebody who wants to choose how to get in without this device. */
  questionsWithSecondWay(): Question[] {
    const { window } = this;
    const all = this.questions();
    const at = all.findIndex(({ name }) => name === this.plan.name);
    return [
      ...all.slice(0, at),
      { ...this.plan, answer: () => window.pick('Choose Another Second Way In…') },
      {
        name: 'second way in',
        says: /how do you get in\?/,
        kind: 'list',
        answer: () => window.pick('A recovery key'),
      },
      ...all.slice(at),
    ];
  }

  /** Waits until a question is on the screen. */
  async isShown({ says, kind }: Question): Promise<void> {
    const { window } = this;
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: says });
    try {
      if (kind === 'list') await window.asked(says, QUESTION_COMES_MS);
      else await dialog.waitFor({ timeout: QUESTION_COMES_MS });
    } catch (cause) {
      const notices = (await window.notifications()).map(({ text }) => text);
      throw new Error(`no question ${says}; notifications: ${notices.join(' | ') || 'none'}`, { cause });
    }
  }

  /** Waits for a message, and returns it. */
  async says(text: RegExp): Promise<string> {
    const { window } = this;
    const find = async () => (await window.notifications()).find((notice) => text.test(notice.text))?.text;
    return window.eventually(`a message ${text}`, find, 400_000);
  }

  /** A click into the editor, and a look at another tab of the browser. */
  async loseFocus(): Promise<void> {
    const { page } = this.window;
    await page.mouse.click(800, 600);
    const other = await this.workbench.browser.newPage();
    await other.bringToFront();
    await page.bringToFront();
    await other.close();
  }

  /**
   * Clears all notifications and hides what then is left, by the editor's own commands: it clears no progress that is still going
   * on. In a dialog no key does this.
   */
  async clearNotifications(): Promise<void> {
    const { window, workbench } = this;
    const runs = (command: string) => tellStagehand(workbench.home, 'run', command).then(...YES_OR_NO);
    await window.eventually('the notifications to be cleared', () => runs('notifications.clearAll'));
    await window.eventually('the other notifications to be hidden', () => runs('notifications.hideToasts'));
    await window.eventually('no notification', async () => (await window.notifications()).length === 0);
  }

  async serverState(): Promise<ServerState> {
    const { target } = this;
    const files = await target.run(['sh', '-c', 'ls -d /etc/knockgate /usr/lib/knockgate; command -v nft']);
    const service = await target.run(['systemctl', 'is-active', 'knockgate']);
    return {
      hasGateFiles: files.stdout !== '',
      service: service.stdout.trim(),
      isHidden: !(await isOpen(target.pair.client, TARGET4, 22)),
    };
  }

  /** Whether the owner gets in as the server is now. */
  async canLogIn(): Promise<boolean> {
    return (await this.target.ssh('echo in')).stdout === 'in\n';
  }

  /** Knocks from the palette. */
  async knock(): Promise<void> {
    await this.window.runCommand('Knockgate: Knock…');
    await this.window.pick('bare');
    await this.window.statusBarSays('knockgate.knockgate', /bare: open/);
  }

  private get knownHosts(): string {
    return join(this.workbench.home.folder, '.ssh', 'known');
  }

  private get plan() {
    return { name: 'plan', says: /Set up a gate as the plan shows/, kind: 'list' } as const;
  }
}

const YES_OR_NO = [() => true, () => false] as const;
