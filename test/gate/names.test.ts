import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatGateLine, parseGateLine } from '../../src/spa/enrolment.ts';
import { scratch } from '../rig/cleanup.ts';
import { giveNameWithDeadAddress, run, SECOND4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { HOST, Scene } from '../rig/scene.ts';
import { sshArgs, sshRun, startSshd } from '../rig/sshd.ts';

const NAME = 'many.example';
/** Of the client's: what `BindAddress` asks for. */
const OTHER4 = '192.0.2.3';

describe('a gate at the second address of a name, the first of which is dead', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({
      name: 'names',
      clientAddresses: [`${OTHER4}/24`],
      settings: { ports: ['tcp/22', 'tcp/2222'] },
    });
    await giveNameWithDeadAddress(scene.pair, NAME);
    const line = formatGateLine({ ...parseGateLine(scene.line), addresses: [NAME] });
    await scene.client.add(line, '--name', HOST, '--replace');
  });
  afterAll(async () => {
    await scene?.end();
  });

  it('is knocked at, and plain ssh gets in as soon as it has given up the first', async () => {
    const { stdout } = await run(scene.pair.client, ['getent', 'ahostsv4', NAME]);
    expect(stdout.split('\n')[0]).toMatch(/^192\.0\.2\.6 /);
    expect(await scene.isOpen(SECOND4)).toBe(false);
    const { json } = await scene.client.json(['knock', HOST]);
    expect(json).toMatchObject({ open: true, address: SECOND4 });
    const done = await sshRun(scene.pair.client, scene.sshd, { host: NAME, connectTimeout: 1 }, 'echo inside');
    expect(done).toMatchObject({ code: 0, stdout: 'inside\n' });
    await scene.gate.cli(['flush']);
  });

  it('is found by ssh with the client as its ProxyCommand', async () => {
    expect(await scene.isOpen(SECOND4)).toBe(false);
    const proxyCommand = [...scene.client.argv(['connect', HOST]), '%p'].join(' ');
    const [command = '', ...args] = sshArgs(scene.sshd, { host: NAME, proxyCommand });
    const done = await run(scene.pair.client, [command, ...args, 'echo inside'], {
      env: scene.client.environment,
    });
    expect(done).toMatchObject({ code: 0, stdout: 'inside\n' });
    expect(await setElements(scene.pair.target, 'granted4')).toHaveLength(1);
  });

  it('is found by an ssh that has no PATH, with the entry that the client prints', async () => {
    const { dir, discard } = scratch('no-path');
    try {
      const config = join(dir, 'config');
      const entry = await scene.client.run(['ssh-config', HOST]);
      expect(entry.code).toBe(0);
      writeFileSync(config, entry.stdout);
      await scene.gate.cli(['flush']);
      const [, ...args] = sshArgs(scene.sshd, { host: HOST, options: [] });
      const withConfig = args.map((arg) => (arg === 'none' ? config : arg));
      const { HOME = '', XDG_CONFIG_HOME = '' } = scene.client.environment;
      const bare = ['env', '-i', `HOME=${HOME}`, `XDG_CONFIG_HOME=${XDG_CONFIG_HOME}`, 'PATH=/nowhere'];
      const done = await run(scene.pair.client, [...bare, '/usr/bin/ssh', ...withConfig, 'echo inside']);
      expect(done).toMatchObject({ code: 0, stdout: 'inside\n' });
    } finally {
      discard();
    }
  });

  it('is waited for at the port of ssh that deploy has noted', async () => {
    const other = await startSshd(scene.pair.target, { port: 2222 });
    try {
      const hosts = join(scene.client.configHome, 'knockgate', 'hosts.toml');
      const before = readFileSync(hosts, 'utf8');
      writeFileSync(hosts, before.replace(/^gate = /m, 'sshPort = 2222\ngate = '));
      await scene.gate.cli(['flush']);
      const { json } = await scene.client.json(['knock', HOST]);
      expect(json).toMatchObject({ open: true, port: 'tcp/2222' });
      const done = await sshRun(scene.pair.client, other, { host: SECOND4 }, 'echo inside');
      expect(done).toMatchObject({ code: 0, stdout: 'inside\n' });
      writeFileSync(hosts, before);
    } finally {
      await other.stop();
    }
  });

  it('is shut for an ssh with BindAddress, which comes from another address; by ProxyCommand it gets in', async () => {
    const bound = { host: SECOND4, connectTimeout: 1, options: [`BindAddress=${OTHER4}`] };
    expect((await scene.knock()).json).toMatchObject({ open: true });
    expect((await sshRun(scene.pair.client, scene.sshd, bound, 'true')).stderr).toContain('timed out');
    const proxyCommand = [...scene.client.argv(['connect', HOST]), '%p'].join(' ');
    const [command = '', ...args] = sshArgs(scene.sshd, { ...bound, proxyCommand });
    const done = await run(scene.pair.client, [command, ...args, 'echo inside'], { env: scene.client.environment });
    expect(done).toMatchObject({ code: 0, stdout: 'inside\n' });
  });
});
