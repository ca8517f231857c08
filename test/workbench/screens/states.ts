import type { Locator, Page } from 'playwright-core';
import { inWebview } from '../webview.ts';
import type { Album } from './album.ts';
import type { Stage } from './stage.ts';

/** Points at an element. Its tooltip appears only if the mouse was elsewhere before. */
async function pointAgain(page: Page, at: Locator): Promise<void> {
  await page.mouse.move(0, 0);
  await at.hover();
}

/** A door in every state: the lock and its tooltip, rows of the view, their tooltips, actions and menus. */
export async function takeLock(stage: Stage, album: Album): Promise<void> {
  const { page } = stage.window;
  const view = page.locator('.part.sidebar');
  const lock = page.locator('.statusbar-item[id^="knockgate.knockgate"]');
  const hover = page.locator('.monaco-hover:not(.hidden)').last();
  const takeState = async (name: string, shows: RegExp, tells: RegExp) => {
    await album.take(name, { of: lock, says: shows });
    await lock.hover();
    await album.take(`${name}, pointed at`, { of: hover, says: tells, again: () => pointAgain(page, lock) });
    await stage.clear();
  };

  await album.take('hosts: of every kind', { of: view, says: /prod[\s\S]*backup/ });
  await lock.hover();
  await album.take('lock: no host yet, pointed at', {
    of: hover,
    says: /Knock at a host/,
    again: () => pointAgain(page, lock),
  });
  await stage.clear();
  await stage.start('knockgate.knockHost');
  await album.question('knock: which host', /Choose a host/, 'knockHost');
  await stage.window.pick('nas');
  await album.notice('a knock failed: name', /nas/);
  await takeState('lock: failed', /nas/, /failed/);
  await stage.start('knockgate.knockHost', 'vpn');
  await takeState('lock: sent', /knocked/, /UDP/);
  // Before the door at the same address is open: its gate does not know this device.
  await stage.start('knockgate.knockHost', 'staging');
  await page.locator('.notifications-toasts', { hasText: 'knocking at staging' }).waitFor();
  await lock.hover();
  await album.take('knocking, pointed at', { of: hover, says: /knocking/, again: () => pointAgain(page, lock) });
  await page.mouse.move(0, 0);
  await album.notice('a knock failed: no answer', /never opened to this device/);
  await stage.start('knockgate.knockHost', 'prod');
  await takeState('lock: open', /prod: open \d+ (min|s)/, /open until/);
  const opener = view.locator('.monaco-list-row', { hasText: 'prod' }).locator('.monaco-tl-twistie');
  await opener.click();
  await album.take('hosts: every state, and details of one', {
    of: view,
    says: /no answer[\s\S]*SSH hook|SSH hook[\s\S]*no answer/,
  });
  await opener.click();
}

/** Rows that are pointed at, and menus. */
export async function takeRows(stage: Stage, album: Album): Promise<void> {
  const { page } = stage.window;
  const view = page.locator('.part.sidebar');
  const row = (host: string) => view.locator('.monaco-list-row', { hasText: host });
  const hover = page.locator('.monaco-hover:not(.hidden)').last();
  for (const [host, says] of [
    ['prod', /open until/],
    ['staging', /no answer/],
    ['bastion', /Knocks at .*fwknop/],
    ['backup', /knockgate1 gate/],
    ['git-server', /no gate is known/],
  ] as const) {
    await row(host).hover();
    await album.take(`row of ${host}, pointed at`, { of: hover, says, again: () => pointAgain(page, row(host)) });
    await row(host).click({ button: 'right' });
    await album.take(`menu of ${host}`, { of: page.locator('.monaco-menu').last(), says: /…/ });
    await page.keyboard.press('Escape');
    await stage.clear();
  }
  await page.locator('.statusbar-item[id^="knockgate.knockgate"]').click();
  await album.question('what a click on the lock opens', /What do you want to do/, 'showActions');
  await stage.clear();
  await view.locator('.title-actions .codicon-toolbar-more, .title-actions .codicon-more').first().click();
  await album.take('menu of the view', { of: page.locator('.monaco-menu').last(), says: /Show Log/ });
  await page.keyboard.press('Escape');
  await stage.clear();
}

/** Takes pictures of connecting, and of the reasons why it fails. */
export async function takeConnecting(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  const { page } = window;
  await stage.start('knockgate.knockAndConnect');
  await album.question('knock and connect: which host', /SSH configuration/, 'knockAndConnect');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.connectHere');
  await album.question('connect in this window: which host', /in This Window/, 'connectHere');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.openFolder', 'prod');
  await album.question('open a folder: which', /Folder on prod/, 'openFolder');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.openFolderHere', 'prod');
  await album.question('open a folder in this window: which', /Folder on prod/, 'openFolderHere');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.diagnoseHost');
  await album.question('diagnose: which host', /Choose a host/, 'diagnoseHost');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.setUpGate');
  await album.question('set up a gate: where', /Choose a host/, 'setUpGate');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.removeGate');
  await album.question('remove a gate: where', /Choose a host/, 'removeGate');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.rotateGateKey', 'prod');
  await album.question('rotate a gate’s key: what', /What to do with the key of the gate on prod/, 'rotateGateKey');
  await window.page.keyboard.press('Escape');
  const preview = inWebview(page).locator('body');
  await stage.run('workbench.action.closeSidebar');
  for (const host of ['prod', 'nas', 'staging']) {
    await stage.start('knockgate.diagnoseHost', host);
    await album.take(`diagnosis of ${host}`, { of: preview, says: new RegExp(host) });
    await stage.run('notifications.clearAll');
    await album.take(`diagnosis of ${host}, without the notice`, { of: preview, says: new RegExp(host) });
    await stage.clear();
  }
}
