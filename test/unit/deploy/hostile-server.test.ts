import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { systemClock } from '../../../src/client/clock.ts';
import { CLICKABLE, HostileServer, NASTY, OBEYED, type Treatment } from '../../rig/hostile-server.ts';
import { collectingShell } from '../cli/support.ts';
import { temporaryFolder } from '../support.ts';

/** What `knockgate deploy` says to a person of a server that is not to be trusted. */
async function deployTo(treatment: Treatment): Promise<string> {
  const server = await HostileServer.start(treatment);
  onTestFinished(() => server.close());
  const home = temporaryFolder();
  mkdirSync(join(home, '.config'), { recursive: true });
  const config = join(home, 'ssh-config');
  const lines = [
    'Host evil',
    'HostName 127.0.0.1',
    `Port ${server.port}`,
    'User dev',
    'StrictHostKeyChecking accept-new',
  ];
  const jump = ['Host inner', 'HostName 127.0.0.1', 'ProxyJump evil', 'User dev'];
  const files = [`UserKnownHostsFile ${join(home, 'known_hosts')}`, 'GlobalKnownHostsFile none', 'IdentityFile none'];
  writeFileSync(config, `${[...lines, ...jump, 'Host *', ...files].join('\n')}\n`);
  const name = treatment === 'refuses to jump' ? 'inner' : 'evil';
  writeFileSync(
    join(home, 'gate-files.json'),
    JSON.stringify({ version: '0.0.0', library: {}, systemd: {}, table: '' }),
  );
  const { shell, said } = collectingShell(home, systemClock, {
    env: { PATH: process.env.PATH },
    programFolder: () => home,
    loadDeployment: () => import('../../../src/deploy/main.ts'),
  });
  await run(['deploy', name, '--ssh-config', config, '--no-second-way'], shell);
  return `${said().out}${said().err}`;
}

describe('a hostile server', () => {
  it('would be obeyed, and clicked', () => {
    expect(NASTY).toMatch(OBEYED);
    expect(NASTY).toMatch(CLICKABLE);
  });

  it.each<[Treatment, RegExp]>([
    ['disconnects', /no SSH connection to 127\.0\.0\.1.*\nThe reason given was ".*Host key storage/],
    ['asks', /dev@evil: .*Host key storage.*logging in as dev failed/s],
    ['refuses to jump', /The jump host said ".*Host key storage/],
    ['never ends', /answers without end, so the connection was closed/],
    ['babbles', /looking at the server failed\..*It said: .*Host key storage/s],
  ])('that %s says nothing that is obeyed or clicked', async (treatment, says) => {
    const said = await deployTo(treatment);
    expect(said).toMatch(says);
    expect(said).not.toMatch(OBEYED);
    expect(said).not.toMatch(CLICKABLE);
  });
});
