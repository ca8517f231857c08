import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Album } from './album.ts';
import { chooseFile } from './keys.ts';
import type { Stage } from './stage.ts';

const KEY = 'A'.repeat(43);
const KNOCKD_CONF = `[options]
  UseSyslog
[openSSH]
  sequence    = 7000,8000:udp,9000
  seq_timeout = 5
  command     = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
[closeSSH]
  sequence    = 9000,8000,7000
  command     = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
`;

/** Hosts that open to a sequence of ports, of either sort: added, edited, imported. */
export async function takeSequence(stage: Stage, album: Album): Promise<void> {
  await stage.run('workbench.view.extension.knockgate');
  await takeAdded(stage, album);
  await takeEdited(stage, album);
  await takeImported(stage, album);
}

async function takeAdded(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  const view = window.page.locator('.part.sidebar');
  const answer = async (step: RegExp, text: string) => {
    await window.question(step);
    await window.answer(text);
  };
  await stage.start('knockgate.addHost');
  await window.pick('A sequence of ports');
  await album.question('add a sequence of ports: fixed or once', /One-time sequences[\s\S]*Which sequence/);
  await window.pick('The same ports each time');
  await answer(/3\/6/, 'sensor.example');
  await answer(/4\/6/, '7000:tcp 8000:icmp');
  await album.question('add a sequence of ports: wrong steps', /8000:icmp[\s\S]*Expected a step such as/);
  await answer(/4\/6/, '7000:tcp 8000:udp 9000:tcp');
  await answer(/5\/6/, '');
  await answer(/6\/6/, 'sensor');
  await window.eventually('the host', async () => /sensor\s*closed/.test((await view.textContent()) ?? ''));
  await stage.start('knockgate.addHost');
  await window.pick('A sequence of ports');
  await window.pick('One-time sequences');
  await answer(/3\/7/, 'cabin.example');
  await answer(/4\/7/, 'alice-laptop');
  await answer(/5\/7/, '');
  await window.question(/6\/7/);
  await album.question('add a one-time sequence: its key', /sequence_key_file/);
  await window.answer('no key');
  await album.question('add a one-time sequence: not such a key', /Expected 43 characters/);
  await window.answer(KEY);
  await answer(/7\/7/, 'cabin');
  await album.take('hosts with sequences of either sort', { of: view, says: /sensor\s*closed[\s\S]*cabin\s*closed/ });
  const hover = window.page.locator('.monaco-hover:not(.hidden)').last();
  const row = view.locator('.monaco-list-row', { hasText: 'cabin' });
  const again = async () => {
    await window.page.mouse.move(0, 0);
    await row.hover();
  };
  await row.hover();
  await album.take('row of cabin, pointed at', { of: hover, says: /one-time sequence of ports/, again });
  await stage.clear();
}

async function takeEdited(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  const { page } = window;
  const enter = async (step: RegExp) => {
    await window.question(step);
    await page.keyboard.press('Enter');
  };
  await stage.start('knockgate.editHost', 'sensor');
  await enter(/1\/5/);
  await window.question(/2\/5/);
  await album.question('edit a sequence of ports: its steps', /The steps in their order/);
  await enter(/2\/5/);
  await enter(/3\/5/);
  await enter(/4\/5/);
  await album.question('edit a sequence of ports: where', /IPv6 only[\s\S]*Which addresses/);
  await page.keyboard.press('Escape');
  await stage.start('knockgate.editHost', 'cabin');
  await enter(/1\/5/);
  await window.question(/2\/5/);
  await album.question('edit a one-time sequence: this device', /by which the gate knows this device/);
  await page.keyboard.press('Escape');
}

async function takeImported(stage: Stage, album: Album): Promise<void> {
  const { window, workbench } = stage;
  const { page } = window;
  const path = join(workbench.home.folder, 'knockd.conf');
  writeFileSync(path, KNOCKD_CONF);
  const sections = page.locator('.quick-input-widget', { hasText: 'closeSSH' });
  await stage.start('knockgate.importKnockd');
  await album.fileQuestion('import from knockd: which file', /Import from knockd/, 'importKnockd');
  await chooseFile(stage, path, sections);
  await album.question('import from knockd: which section', /openSSH[\s\S]*Which section/);
  await window.pick('openSSH');
  await album.question('import from knockd: where it is', /Where to knock/);
  await window.answer('server.example');
  await window.asked(/What you call it/);
  await window.answer('server');
  await album.notice('imported from knockd', /server is imported; but knockd.conf:2/);
  await stage.start('knockgate.importKnockd');
  await window.question(/Import from knockd/);
  await chooseFile(stage, path, sections);
  await window.pick('closeSSH');
  await album.notice('import from knockd: not to be knocked at', /closeSSH cannot be imported/);
}
