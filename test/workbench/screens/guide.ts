import { serveRepositoryPictures } from '../repository-pictures.ts';
import { inWebview } from '../webview.ts';
import type { Album } from './album.ts';
import type { Stage } from './stage.ts';

/** The SSH hook: what it would change, and what it says. */
export async function takeHook(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  await stage.run('workbench.action.closeSidebar');
  await stage.start('knockgate.enableSshHook');
  await album.question('the SSH hook: the change', /Make This Change/, 'enableSshHook');
  await window.pick('Make This Change');
  await album.notice('the SSH hook is on', /ssh and git now knock at/);
  await stage.start('knockgate.disableSshHook');
  await album.question('the SSH hook: the way back', /Make This Change/, 'disableSshHook');
  await window.pick('Make This Change');
  await album.notice('the SSH hook is off', /as it was/);
}

/** Takes pictures of what explains: walkthrough, settings, commands, log, and the page of the extension. */
export async function takeGuide(stage: Stage, album: Album): Promise<void> {
  const { page } = stage.window;
  await stage.run('workbench.action.closeSidebar');
  // The walkthrough has its pictures beside the steps, where there is room.
  await page.setViewportSize({ width: 1240, height: 700 });
  await stage.run('knockgate.showFirstSteps');
  const walkthrough = page.locator('.gettingStartedSlideDetails');
  const steps = walkthrough.locator('.getting-started-step');
  await steps.first().waitFor();
  for (const [i, [says, picture]] of (
    [
      [/Is the server yours/, /A gate is set up/],
      [/Or somebody gave you a line/, /The line of a gate/],
      [/Knock and connect/, /A knock goes out/],
      [/If you like/, /A terminal/],
      [/goes wrong/, /The steps of a knock/],
    ] as const
  ).entries()) {
    await steps.nth(i).click();
    await walkthrough.locator('.getting-started-step.expanded', { hasText: says }).waitFor();
    const beside = inWebview(page).locator('svg', { hasText: picture });
    await album.take(`walkthrough ${i + 1}`, { of: walkthrough, says, by: 'showFirstSteps', beside });
  }
  await stage.run('workbench.action.closeAllEditors');
  await stage.run('workbench.action.openSettings', '@ext:knockgate.knockgate');
  const settings = page.locator('.settings-editor');
  await album.take('settings', { of: settings, says: /Key Store/ });
  await stage.run('workbench.action.openSettings', '@ext:knockgate.knockgate autoKnock.on');
  await album.take('settings, further down', { of: settings, says: /On Return/ });
  await stage.clear();
  await stage.start('workbench.action.quickOpen', '>Knockgate: ');
  await album.question('the commands', /Knockgate: /);
  for (let pages = 0; pages < 3; pages += 1) await page.keyboard.press('PageDown');
  await album.question('the commands, further down', /Knockgate: /);
  await page.keyboard.press('Escape');
  const panel = page.locator('.part.panel');
  await stage.start('knockgate.showLog');
  await album.take('the log', { of: panel, says: /\[info\]/, by: 'showLog' });
  await stage.start('knockgate.showTimings');
  await album.take('the timings', { of: panel, says: /timings of this window/, by: 'showTimings' });
  await stage.run('workbench.action.closePanel');
  await serveRepositoryPictures(stage.workbench);
  await stage.run('extension.open', 'knockgate.knockgate');
  // What it says of itself comes later than its name.
  const readme = inWebview(page).locator('body');
  await readme.getByText('SSH that scanners cannot find').waitFor();
  await album.take('the page of the extension', {
    of: page.locator('.extension-editor'),
    says: /Knockgate/,
    beside: readme.locator('img').first(),
  });
  await stage.run('workbench.action.closeAllEditors');
  await page.locator('[id="status.host"]').click();
  await album.question('the menu of the remote window', /Knock and Connect/);
  await page.keyboard.press('Escape');
}
