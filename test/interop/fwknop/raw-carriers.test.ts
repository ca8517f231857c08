import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { scratch } from '../../rig/cleanup.ts';
import { Client } from '../../rig/client.ts';
import { figure } from '../../rig/figure.ts';
import { Fwknopd, type Stanza } from '../../rig/fwknopd.ts';
import { createPair, type Pair, run } from '../../rig/netns.ts';
import { startSshd } from '../../rig/sshd.ts';
import { hidePorts, writeBastion } from './bastion.ts';

const STANZA: Stanza = { mode: 'cbc', hmac: 'sha256', key: 'a-shared-key', hmacKey: 'another-key' };

/** Each carrier, and the one kind of packet that fwknopd then looks at. */
const CARRIERS = [
  ['icmp', 'icmp'],
  ['tcpraw', 'tcp port 62201'],
  ['udpraw', 'udp port 62201'],
] as const;

describe('our client as root, over the carriers that need a raw socket', () => {
  let pair: Pair;
  let sshd: Awaited<ReturnType<typeof startSshd>>;

  beforeAll(async () => {
    pair = await createPair({ name: 'raw' });
    sshd = await startSshd(pair.target);
    await hidePorts(pair);
  });
  afterAll(async () => {
    await sshd?.stop();
    pair?.destroy();
  });

  describe.each(CARRIERS)('%s', (carrier, filter) => {
    let fwknopd: Fwknopd;
    beforeAll(async () => {
      fwknopd = await Fwknopd.start(pair.target, [STANZA], filter);
    });
    afterAll(async () => fwknopd?.stop());

    it.each(['perl', 'python3'])('opens a real fwknopd, through %s', async (program) => {
      const { dir, discard } = scratch('raw-path');
      onTestFinished(discard);
      symlinkSync(`/usr/bin/${program}`, join(dir, program));
      const client = new Client(pair.client);
      onTestFinished(client.dispose);
      writeBastion(client.configHome, STANZA, [`carrier = "${carrier}"`]);
      await run(pair.target, ['iptables', '-F', 'FWKNOP_INPUT']);
      const done = await knock(client, ['env', `PATH=${dir}`]);
      expect(done).toMatchObject({ code: 0, json: { open: true, port: 'tcp/22', sourceClaimed: true } });
      figure(`fwknopd, our client over ${carrier} by ${program}: open after ${done.json?.afterMs} ms`);
    });
  });

  it('sends nothing for somebody who may not, and says what to do', async () => {
    const client = new Client(pair.client);
    onTestFinished(client.dispose);
    writeBastion(client.configHome, STANZA, ['carrier = "icmp"']);
    const done = await knock(client, ['setpriv', '--inh-caps=-net_raw', '--bounding-set=-net_raw']);
    expect(done).toMatchObject({ code: 4, json: { error: { code: 'raw-socket-refused', next: expect.any(String) } } });
  });

  it('reads what belongs to the user who ran sudo, when root has no such host', async () => {
    const fwknopd = await Fwknopd.start(pair.target, [STANZA], 'icmp');
    onTestFinished(() => fwknopd.stop());
    const { dir, discard } = scratch('raw-sudo');
    onTestFinished(discard);
    const config = join(dir, '.config');
    mkdirSync(config);
    writeBastion(config, STANZA, ['carrier = "icmp"']);
    await run(pair.client, ['chown', '-R', '4321:4321', dir]);
    const passwd = join(dir, 'passwd');
    writeFileSync(passwd, `root:x:0:0::/root:/bin/sh\nalice:x:4321:4321::${dir}:/bin/sh\n`);
    // Root's own configuration is empty.
    const root = new Client(pair.client, { env: { SUDO_UID: '4321', SUDO_USER: 'alice' } });
    onTestFinished(root.dispose);
    const asAlice = ['unshare', '--mount', 'sh', '-c', `mount --bind ${passwd} /etc/passwd && exec "$@"`, 'sh'];
    expect(await knock(root, asAlice)).toMatchObject({ code: 0, json: { open: true } });
    // A user who may do nothing else as root does not knock with root's keys.
    await run(pair.client, ['chown', '0:0', join(config, 'knockgate/keys')]);
    expect(await knock(root, asAlice)).toMatchObject({ json: { error: { code: 'key-not-own' } } });
    const other = new Client(pair.client, { env: { SUDO_UID: '4322', SUDO_USER: 'alice' } });
    onTestFinished(other.dispose);
    expect(await knock(other, asAlice)).toMatchObject({ json: { error: { code: 'host-unknown' } } });
  });

  /** `knockgate knock bastion --json` through a program that starts it otherwise. */
  async function knock(client: Client, through: readonly string[]) {
    const argv = [...through, ...client.argv(['knock', 'bastion', '--json'])];
    const { code, stdout } = await run(pair.client, argv, { env: client.environment });
    return { code, json: JSON.parse(stdout) as Record<string, unknown> };
  }
});
