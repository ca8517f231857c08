import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { CLICKABLE, HostileServer, OBEYED, type Treatment } from '../rig/hostile-server.ts';
import { finish } from '../rig/process.ts';

/** Everything that the program writes, on both streams, when it is to set up a gate on such a server. */
async function deployTo(treatment: Treatment): Promise<string> {
  const server = await HostileServer.start(treatment);
  onTestFinished(() => server.close());
  const { dir, discard } = scratch('hostile');
  onTestFinished(discard);
  const config = join(dir, 'ssh-config');
  const lines = [
    'Host evil',
    'HostName 127.0.0.1',
    `Port ${server.port}`,
    'Host inner',
    'HostName 127.0.0.1',
    'ProxyJump evil',
    'Host *',
    'User dev',
    'IdentityFile none',
    'StrictHostKeyChecking accept-new',
    `UserKnownHostsFile ${join(dir, 'known_hosts')}`,
    'GlobalKnownHostsFile none',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const host = treatment === 'refuses to jump' ? 'inner' : 'evil';
  const argv = [resolve('dist/knockgate.cjs'), 'deploy', host, '--ssh-config', config, '--no-second-way'];
  const child = spawn(process.execPath, argv, {
    env: { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = await finish(child, {});
  return `${stdout}${stderr}`;
}

describe('the command line at a hostile server', () => {
  it.each<Treatment>(['disconnects', 'asks', 'refuses to jump', 'babbles'])(
    'that %s writes nothing that a terminal obeys',
    async (treatment) => {
      const said = await deployTo(treatment);
      expect(said).toContain('Host key storage is damaged');
      expect(said).not.toMatch(OBEYED);
      expect(said).not.toMatch(CLICKABLE);
    },
  );
});
