import type { Locator } from 'playwright-core';
import type { Album } from './album.ts';
import type { Stage } from './stage.ts';

const PASSPHRASE = 'correct horse battery';

/** Identities, rotation, export, import, pre-shared keys. */
export async function takeKeys(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  const { page } = window;
  const passphrase = page.locator('.quick-input-box input[type=password]');
  await stage.start('knockgate.createIdentity');
  await album.question('a new identity: its name', /name for the identity/, 'createIdentity');
  await window.answer('default');
  await album.question('a new identity: a name that is taken', /already/);
  await window.answer('work');
  await album.notice('a new identity', /enrols identity "work"/);
  await stage.start('knockgate.chooseIdentity', 'staging');
  await album.question('choose an identity', /Choose an identity/, 'chooseIdentity');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.rotateKey');
  await album.question('rotate: which identity', /Rotate This Device’s Key/, 'rotateKey');
  await window.pick('default');
  await album.notice('rotate: a new key', /line of the new key/);
  await stage.start('knockgate.rotateKey', 'prod');
  await album.notice('rotate: under way', /There is a new key/);
  await stage.start('knockgate.finishRotation', 'default');
  await album.question('finish a rotation', /Try the New Key/, 'finishRotation');
  await window.pick('Forget the Old Key Now');
  await album.dialog('forget the old key', /old key of default/);
  await page.keyboard.press('Escape');
  await stage.start('knockgate.finishRotation', 'default');
  await window.pick('Discard the New Key');
  await album.dialog('discard the new key', /new key of default/);
  await page.keyboard.press('Enter');
  await stage.start('knockgate.forgetKey', 'prod');
  await album.dialog('forget the key', /Forget the client key/, 'forgetKey');
  await page.keyboard.press('Escape');

  await stage.start('knockgate.exportKey', 'prod');
  await album.question('export: a passphrase', /A new passphrase/, 'exportKey');
  await window.answer('short');
  await album.question('export: too short', /At least/);
  await window.answer(PASSPHRASE);
  await album.question('export: once more', /once more/);
  await window.answer(PASSPHRASE);
  await album.fileQuestion('export: where to', /Export Key/);
  await page.keyboard.press('Enter');
  await album.notice('exported', /is exported/);
  await stage.start('knockgate.importKey');
  await album.fileQuestion('import: which file', /Import Key/, 'importKey');
  await chooseFile(stage, `${stage.workbench.home.folder}/knockgate-default.key`, passphrase);
  await album.question('import: the passphrase', /passphrase/);
  await window.answer('wrong horse battery');
  await album.notice('import: a wrong passphrase', /passphrase/);
  await stage.start('knockgate.importKey');
  await window.question(/Import Key/);
  await chooseFile(stage, `${stage.workbench.home.folder}/knockgate-default.key`, passphrase);
  await window.answer(PASSPHRASE);
  await album.question('import: a name', /name for the identity/);
  await window.answer('home');
  await album.notice('imported', /imported as identity home/);

  await stage.start('knockgate.setPsk', 'staging');
  await album.question('set a pre-shared key', /psk_file/, 'setPsk');
  await window.answer('too short');
  await album.question('set a pre-shared key: not one', /43/);
  await window.answer('A'.repeat(43));
  await stage.start('knockgate.forgetPsk', 'staging');
  await album.dialog('forget a pre-shared key', /pre-shared key of staging/, 'forgetPsk');
  await page.keyboard.press('Enter');
}

/**
 * Answers the editor's own dialog for files, which takes nothing before it has read the folder.
 * @param next what comes then
 */
export async function chooseFile({ window }: Pick<Stage, 'window'>, path: string, next: Locator): Promise<void> {
  const { page } = window;
  const input = page.locator('.quick-input-box input');
  await input.fill(path);
  await window.eventually('what follows the choice of a file', async () => {
    if (await next.isVisible()) return true;
    const written = await input.inputValue({ timeout: 1000 }).catch(() => '');
    // Once it has read the folder, it may replace what was typed by that. Other questions have no path in their field.
    if (written === path) await page.keyboard.press('Enter');
    else if (written.startsWith('/')) await input.fill(path);
    await page.waitForTimeout(300);
    return false;
  });
}

/** Keys in a file, for computers without a keyring. */
export async function takeKeyFile(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  const { page } = window;
  await stage.change('knockgate.keyStore', 'file');
  await stage.start('knockgate.unlockKeys');
  await album.question('make a key file', /A new passphrase/, 'unlockKeys');
  await window.answer(PASSPHRASE);
  await album.question('the same passphrase', /once more/);
  await window.answer(PASSPHRASE);
  await window.eventually('the key file', async () => /key file is unlocked/.test(stage.workbench.output('Knockgate')));
  await stage.start('knockgate.knockHost', 'prod');
  await album.notice('the key is elsewhere', /client key is missing/);
  await stage.reload();
  await stage.start('knockgate.showActions');
  await album.question('actions while keys are locked', /Unlock Keys/, 'showActions');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.knockHost', 'prod');
  await album.question('unlock the key file', /passphrase of this file/);
  await window.answer('not the passphrase');
  await album.notice('a wrong passphrase', /passphrase/);
  await stage.change('knockgate.keyStore', undefined);
}
