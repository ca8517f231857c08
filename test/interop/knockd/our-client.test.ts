import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../rig/client.ts';
import { figure } from '../../rig/figure.ts';
import { createPair, type Pair, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { isOpen } from '../../rig/probe.ts';
import { startSshd } from '../../rig/sshd.ts';
import { type Door, type Knockd, startKnockd } from './knockd.ts';

const DOORS: readonly Door[] = [
  { name: 'tcp', sequence: '7000,8000,9000', flags: 'syn' },
  { name: 'udp', sequence: '7100:udp,8100:udp,9100:udp', flags: 'syn' },
  { name: 'mixed', sequence: '7200,8200:udp,9200:tcp,6200:udp', flags: 'syn,!ack' },
];
const ADDRESSES = [TARGET4, TARGET6];

describe('our client at a real knockd', () => {
  let pair: Pair;
  let knockd: Knockd;
  let client: Client;
  let sshd: Awaited<ReturnType<typeof startSshd>>;

  beforeAll(async () => {
    pair = await createPair({ name: 'knockd' });
    sshd = await startSshd(pair.target);
    knockd = await startKnockd(pair.target, DOORS);
    client = new Client(pair.client);
    for (const { name } of DOORS)
      for (const address of ADDRESSES) {
        const argv = ['import-knockd', knockd.config, name, '--address', address, '--name', nameOf(name, address)];
        expect(await client.run(argv)).toMatchObject({ code: 0 });
      }
  });
  afterAll(async () => {
    await knockd?.stop();
    await sshd?.stop();
    client?.dispose();
    pair?.destroy();
  });

  const nameOf = (door: string, address: string) => `${door}${address.includes(':') ? 6 : 4}`;

  it.each(DOORS)('opens the door $name, at every address', async ({ name }) => {
    await knockd.shut();
    // At the same time, so that one may take a second try: knockd forgets who else is on the way when somebody is done.
    const both = ADDRESSES.map(async (address) => {
      expect(await isOpen(pair.client, address, 22, 300)).toBe(false);
      const { code, json, stderr } = await client.json(['knock', nameOf(name, address)]);
      expect([code, json, stderr]).toMatchObject([0, { open: true, port: 'tcp/22', address }, '']);
      figure(`knockd, our client: ${name} at ${address}: open ${json?.afterMs} ms after the last step`);
    });
    await Promise.all(both);
  });

  it('names what it could not carry over, and has the rest in its hosts file', async () => {
    const argv = ['import-knockd', knockd.config, 'mixed', '--address', TARGET4, '--name', 'again'];
    expect((await client.run(argv)).stderr).toMatch(/^knockd\.conf:2: logfile .*\nknockd\.conf:\d+: seq_timeout .*\n$/);
    const hosts = readFileSync(join(client.configHome, 'knockgate', 'hosts.toml'), 'utf8');
    expect(hosts).toContain('[again]\nkind = "sequence"\nsteps = "7200:tcp 8200:udp 9200:tcp 6200:udp"');
  });

  it('carries a connection for ssh', async () => {
    await knockd.shut();
    const carried = client.start(['connect', 'mixed4', '22']);
    const greeting = await new Promise<string>((resolve) => carried.stdout?.once('data', (data) => resolve(`${data}`)));
    carried.kill('SIGKILL');
    expect(greeting).toMatch(/^SSH-2\.0-/);
  });
});
