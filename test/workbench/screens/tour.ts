import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { Picture } from '../contact-sheet.ts';
import { serveRepositoryPictures } from '../repository-pictures.ts';
import { inWebview } from '../webview.ts';
import { castHosts } from './hosts.ts';
import { lookClosely } from './look.ts';
import type { Stage } from './stage.ts';

/** Commands that begin with a list or a question, without `knockgate.`; the second is their argument. */
const QUESTIONS: readonly (readonly [string, string?])[] = [
  ['showActions'],
  ['addHost'],
  ['knockAndConnect'],
  ['setUpGate'],
  ['editHost', 'prod'],
  ['setHostKeys', 'bastion'],
  ['createIdentity'],
  ['importKnockd'],
];

/** On a busy machine extensions take long to start. */
const PATIENCE_MS = 90_000;

/** Pictures of the screens that people see most, found without reading a word, so that they serve every language. */
export class Tour {
  readonly pictures: Picture[] = [];
  /** Letters that are cut off or too faint, things without a name. */
  readonly faults: string[] = [];
  private readonly stage: Stage;
  private readonly dir: string;

  constructor(stage: Stage, dir: string) {
    this.stage = stage;
    this.dir = dir;
  }

  async take(): Promise<void> {
    const { stage } = this;
    const { page } = stage.window;
    const view = page.locator('.part.sidebar');
    await stage.run('workbench.view.extension.knockgate');
    await this.picture('the view without hosts', view.locator('.welcome-view-content, .monaco-list-row').first());
    await castHosts(stage);
    await this.picture('the hosts', view.locator('.monaco-list-row').first(), view);
    await stage.run('workbench.action.closeSidebar');
    await stage.start('knockgate.copyPublicKey');
    await this.picture('copyPublicKey', page.locator('.notification-toast').first());
    await stage.clear();
    for (const [command, argument] of QUESTIONS) {
      await stage.start(`knockgate.${command}`, ...(argument === undefined ? [] : [argument]));
      await this.picture(command, page.locator('.quick-input-widget'));
      await page.keyboard.press('Escape');
      await stage.clear();
    }
    await stage.start('knockgate.removeHost', 'vpn');
    await this.picture('removeHost', page.locator('.monaco-dialog-box'));
    await page.keyboard.press('Escape');
    await stage.start('knockgate.knockHost', 'nas');
    await this.picture(
      'knockHost: a name that nobody knows',
      page.locator('.notification-toast', { hasText: 'nas' }).first(),
    );
    await stage.clear();
    await stage.start('knockgate.diagnoseHost', 'staging');
    await this.picture('diagnoseHost', inWebview(page).locator('h1').first());
    await stage.clear();
    await stage.run('workbench.action.openWalkthrough', 'knockgate.knockgate#knockgate.start', false);
    await this.picture('the walkthrough', page.locator('.gettingStartedSlideDetails .getting-started-step').first());
    await stage.clear();
    await stage.run('workbench.action.openSettings', '@ext:knockgate.knockgate');
    await this.picture('the settings', page.locator('.settings-editor .setting-item-contents').first());
    await stage.clear();
    await serveRepositoryPictures(stage.workbench);
    await stage.run('extension.open', 'knockgate.knockgate');
    await this.picture('the page of the extension', inWebview(page).locator('img').first());
    await stage.clear();
  }

  private async picture(name: string, waitFor: Locator, lookAt = waitFor): Promise<void> {
    await waitFor.waitFor({ timeout: PATIENCE_MS });
    // What a list holds comes a moment after it.
    await this.stage.window.page.waitForTimeout(300);
    const file = join(this.dir, `${this.pictures.length + 1}-${name.replace(/[^A-Za-z]+/g, '-')}.png`);
    await this.stage.window.screenshot(file);
    this.pictures.push({ file, caption: `${this.pictures.length + 1} ${name}` });
    for (const fault of await lookClosely(this.stage.window.page, lookAt.first(), () => waitFor.waitFor()))
      this.faults.push(`${name}: ${fault}`);
  }
}
