import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GnupgHome } from '../../rig/gnupg.ts';
import type { Album } from './album.ts';
import { chooseFile } from './keys.ts';
import type { Stage } from './stage.ts';

const HMAC_KEY = Buffer.alloc(64, 2).toString('base64');
const PASSPHRASE = 'correct horse battery';

/** A host behind fwknopd in GnuPG's mode: its keys from GnuPG, a file, pasted; what is wrong with them; the passphrase. */
export async function takeGpg(stage: Stage, album: Album): Promise<void> {
  const { folder } = stage.workbench.home;
  const gnupg = new GnupgHome(join(folder, '.gnupg'));
  try {
    await gnupg.make('vault', 'rsa2048');
    const alice = await gnupg.make('alice', 'rsa2048', PASSPHRASE);
    const files = { key: join(folder, 'alice.asc'), notes: join(folder, 'notes.txt') };
    writeFileSync(files.key, alice.secret);
    writeFileSync(files.notes, 'no key\n');
    await takeQuestions(stage, album, files);
  } finally {
    await gnupg.end();
  }
}

async function takeQuestions(stage: Stage, album: Album, files: { key: string; notes: string }): Promise<void> {
  const { window } = stage;
  const { page } = window;
  const lists = page.locator('.quick-input-widget', { hasText: 'Paste…' });
  const secret = page.locator('.quick-input-box input[type=password]');
  await stage.run('workbench.view.extension.knockgate');
  await stage.start('knockgate.addHost');
  await window.pick('fwknop');
  await window.asked(/Where fwknopd is/);
  await window.answer('vault.invalid');
  await window.asked(/empty for tcp/);
  await window.answer('');
  await window.asked(/How the keys are written/);
  await window.pick('OpenPGP');
  await album.question('OpenPGP: the key of the server', /vault <.*A file….*Paste….*GPG_DECRYPT_ID/);
  await window.pick('Paste…');
  await secret.waitFor();
  await window.answer('-----BEGIN PGP PUBLIC KEY BLOCK-----');
  await album.question('OpenPGP: half of a key', /Expected all that gpg prints/);
  await page.keyboard.press('Escape');
  await window.asked(/vault <.*[\s\S]*GPG_DECRYPT_ID/);
  await window.pick('vault <vault@test.invalid>');
  await album.question('OpenPGP: one’s own key', /alice <.*None.*GPG_REMOTE_ID/);
  await window.pick('A file…');
  await window.question(/GPG_REMOTE_ID/);
  await chooseFile(stage, files.notes, lists);
  await album.question('OpenPGP: a file without a key', /A file….*Expected one key/);
  await window.pick('A file…');
  await window.question(/GPG_REMOTE_ID/);
  await chooseFile(stage, files.key, secret);
  await album.question('OpenPGP: its passphrase', /passphrase of your key/);
  await window.answer('wrong');
  await album.question('OpenPGP: a wrong passphrase', /does not unlock it/);
  await window.answer('');
  await album.question('OpenPGP: the key of the HMAC', /How the key of the HMAC is written/);
  await window.pick('Base64');
  await window.asked(/HMAC_KEY_BASE64/);
  await window.answer(HMAC_KEY);
  await window.asked(/What you call it/);
  await window.answer('vault');
  await page.locator('.part.sidebar', { hasText: /vault\s*closed/ }).waitFor();
  await stage.start('knockgate.knockHost', 'vault');
  await album.question('OpenPGP: a knock asks for the passphrase', /Unlock the key for vault/);
  await page.keyboard.press('Escape');
}
