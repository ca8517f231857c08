import type { Album } from './album.ts';
import { GRANT, type Stage, strangeGateLine } from './stage.ts';

/** The hosts view before there is a host with a gate, and the questions that make one. */
export async function takeFirstHosts(stage: Stage, album: Album): Promise<void> {
  const { window, workbench } = stage;
  const { page } = window;
  const view = page.locator('.part.sidebar');

  await stage.run('workbench.view.extension.knockgate');
  await album.take('hosts: none at all', { of: view, says: /Set Up a Gate…[\s\S]*Paste Its Line…/ });
  workbench.writeSshConfig('Host prod staging git-server build-01\n  User dev\n');
  await stage.start('knockgate.refreshHosts');
  await album.take('hosts: those of ssh alone', {
    of: view,
    says: /No gate yet[\s\S]*build-01/,
    by: 'refreshHosts',
  });

  await stage.start('knockgate.copyPublicKey');
  await album.notice('the line is copied', /The line that enrols this device/, 'copyPublicKey');
  await stage.enrol();

  await stage.start('knockgate.addHost');
  await album.question('add a host: what the server runs', /What does the server run/, 'addHost');
  await window.pick('A gate of Knockgate');
  await album.question('add a host: its gate', /prints on the server/);
  await window.answer('knockgate1 gate nonsense');
  await album.question('add a host: a wrong line', /not the whole line/);
  await window.answer(stage.gateLine);
  await album.question('add a host: its name', /What you call it/);
  await window.answer('no such name');
  await album.question('add a host: a wrong name', /letters, digits/);
  await window.answer('prod');
  await album.take('a host with a gate; the lock idle', { of: view, says: /prod\s*closed/ });
  await stage.start('knockgate.addHost', 'git-server');
  await album.question('add a gate for a host of ssh', /Add git-server/, 'addHost');
  await page.keyboard.press('Escape');
}

/** Hosts of every kind, in the settings. */
export async function castHosts(stage: Stage): Promise<void> {
  await stage.change('knockgate.hosts', {
    prod: { gate: stage.gateLine, duration: GRANT },
    staging: { gate: strangeGateLine('staging-gate') },
    vpn: { gate: stage.gateLine, ports: ['udp/51820'] },
    nas: { gate: strangeGateLine('nas'), address: 'nas.invalid' },
    bastion: { kind: 'fwknop', address: 'bastion.invalid' },
    camera: { kind: 'sequence', address: 'camera.invalid', steps: '7000:tcp 8000:udp 9000:tcp' },
    lab: { kind: 'sequence', address: 'lab.invalid', client: 'alice-laptop' },
    backup: { gate: 'knockgate1 gate' },
  });
}

/** Changing a host, and taking it out. */
export async function takeForms(stage: Stage, album: Album): Promise<void> {
  const { window } = stage;
  await stage.start('knockgate.editHost');
  await album.question('edit: which host', /Choose a host/, 'editHost');
  await window.pick('prod');
  await album.question('edit: the gate', /line that/);
  await window.answer(stage.gateLine);
  await album.question('edit: where to knock', /Where to knock/);
  await window.answer('prod..example');
  await album.question('edit: a wrong address', /Expected/);
  await window.answer('');
  await album.question('edit: knock ports', /UDP ports/);
  await window.answer('');
  await album.question('edit: what to ask for', /Ports to ask for/);
  await window.answer('ssh');
  await album.question('edit: a wrong port', /Expected/);
  await window.answer('');
  await album.question('edit: how long', /seconds/);
  await window.answer(String(GRANT));
  await stage.start('knockgate.removeHost', 'vpn');
  await album.dialog('remove a host', /Remove vpn/, 'removeHost');
  await window.page.keyboard.press('Escape');
  await stage.start('knockgate.showActivity');
  await album.question('activity: of which gate', /Choose a host/, 'showActivity');
  await window.page.keyboard.press('Escape');
  await stage.start('knockgate.copyGateLine', 'prod');
  await album.notice('the gate’s line is copied', /gate’s line for prod/, 'copyGateLine');
}
