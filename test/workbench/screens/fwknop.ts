import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Album } from './album.ts';
import { chooseFile } from './keys.ts';
import type { Stage } from './stage.ts';

const KEY = Buffer.alloc(32, 1).toString('base64');
const HMAC_KEY = Buffer.alloc(64, 2).toString('base64');

/** Hosts behind fwknopd: added, edited, imported; their keys. */
export async function takeFwknop(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  const { page } = window;
  const view = page.locator('.part.sidebar');
  await stage.run('workbench.view.extension.knockgate');
  await stage.start('knockgate.addHost');
  await window.asked(/What does the server run/);
  await window.pick('fwknop');
  await album.question('add a host: where fwknopd is', /Where fwknopd is/);
  await window.answer('office.example.org');
  await window.asked(/empty for tcp/);
  await window.answer('');
  await album.question('add a host: how its keys are written', /Base64.*How the keys are written/);
  await window.pick('Base64');
  await album.question('add a host: the key of Rijndael', /KEY_BASE64/);
  await window.answer('not base64!');
  await album.question('add a host: not such a key', /Expected base64/);
  await window.answer(KEY);
  await window.asked(/HMAC_KEY_BASE64/);
  await window.answer(HMAC_KEY);
  await window.asked(/What you call it/);
  await window.answer('office');
  await album.take('a host behind fwknopd', { of: view, says: /office\s*closed/ });

  await stage.start('knockgate.editHost', 'bastion');
  await window.asked(/Where fwknopd is/);
  await page.keyboard.press('Enter');
  await window.asked(/empty for tcp\/22/);
  await page.keyboard.press('Enter');
  await album.question('edit: how the packet gets there', /http.*How the packet gets there/);
  await page.keyboard.press('Escape');
  await stage.start('knockgate.setHostKeys', 'bastion');
  await album.question('set the keys of a host', /How the keys are written/, 'setHostKeys');
  await page.keyboard.press('Escape');
  await stage.start('knockgate.knockHost', 'bastion');
  await album.notice('a knock failed: no keys', /its keys are not on this device/);

  const path = join(stage.workbench.home.folder, '.fwknoprc');
  writeFileSync(
    path,
    `[home]\nSPA_SERVER home.example.org\nKEY_BASE64 ${KEY}\nHMAC_KEY_BASE64 ${HMAC_KEY}\nWGET_CMD x\n`,
  );
  await stage.start('knockgate.importFwknop');
  await album.fileQuestion('import from fwknop: which file', /Import from fwknop/, 'importFwknop');
  const names = page.locator('.quick-input-widget', { hasText: 'What you call it' });
  await chooseFile(stage, path, names);
  await album.question('import from fwknop: its name', /What you call it/);
  await page.keyboard.press('Enter');
  await album.notice('imported from fwknop', /home is imported/);
}
