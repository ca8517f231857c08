import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import type { FwknopHost } from '../../../src/client/fwknop/host.ts';
import { sendFwknopKnock } from '../../../src/client/fwknop/knock.ts';
import { nodeFwknopCrypto } from '../../../src/fwknop/crypto-node.ts';
import { scratch } from '../../rig/cleanup.ts';
import { Client } from '../../rig/client.ts';
import { figure } from '../../rig/figure.ts';
import { flood } from '../../rig/flood.ts';
import { Fwknopd, type Stanza } from '../../rig/fwknopd.ts';
import { CLIENT4, createPair, exec, type Pair, run, TARGET4 } from '../../rig/netns.ts';
import { sleep } from '../../rig/process.ts';
import { startSshd } from '../../rig/sshd.ts';
import { hidePorts, writeBastion } from './bastion.ts';
import { type Cell, gridOf, showGrid, stanzasOfGrid } from './grid.ts';

const PORT = 62_201;

describe('our client at a real fwknopd', () => {
  const isForCommands = ({ mode, hmac }: Stanza) => mode === 'cbc' && hmac === 'sha256';
  const stanzas = stanzasOfGrid().map((each) =>
    isForCommands(each) ? { ...each, more: ['ENABLE_CMD_EXEC Y'] } : each,
  );
  let pair: Pair;
  let fwknopd: Fwknopd;
  let client: Client;
  let sshd: Awaited<ReturnType<typeof startSshd>>;

  beforeAll(async () => {
    pair = await createPair({ name: 'fwknopd' });
    sshd = await startSshd(pair.target);
    await hidePorts(pair);
    await run(pair.target, ['iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', '62201', '-j', 'ACCEPT']);
    fwknopd = await Fwknopd.start(pair.target, stanzas);
    client = new Client(pair.client);
  });
  afterAll(async () => {
    await fwknopd?.stop();
    await sshd?.stop();
    client?.dispose();
    pair?.destroy();
  });

  it('opens by every mode, digest and HMAC that fwknop has', { timeout: 120_000 }, async () => {
    const cells = gridOf(stanzas);
    let sent = 0;
    let opened = new Set<number>();
    const missing = () => cells.filter(({ port }) => !opened.has(port));
    // It falls behind while it starts iptables for each packet, and then loses some: our client sends again as well.
    for (let round = 0; round < 4 && missing().length > 0; round++) {
      for (const batch of inBatches(missing(), 24)) {
        const bodies = await Promise.all(batch.map((cell) => packetOf(cell)));
        await flood(pair.client, { host: TARGET4, port: PORT, count: bodies.length, rate: 100, bodies });
        sent += bodies.length;
        opened = await untilAll(batch);
      }
    }
    figure(`fwknopd, our client: ${sent} packets sent`);
    for (const line of showGrid(cells, opened)) figure(`fwknopd, our client: ${line}`);
    const count = cells.filter(({ port }) => opened.has(port)).length;
    figure(`fwknopd, our client: ${count} of ${cells.length} open`);
    expect(cells.filter(({ port }) => !opened.has(port))).toEqual([]);
    expect(cells.length).toBe(287);
  });

  async function untilAll(cells: readonly Cell[]): Promise<Set<number>> {
    for (let tries = 0; ; tries++) {
      const opened = await fwknopd.opened(CLIENT4);
      if (tries > 20 || cells.every(({ port }) => opened.has(port))) return opened;
      await sleep(100);
    }
  }

  it.each(['udp', 'tcp', 'http'] as const)('gets through to sshd: knockgate knock, over %s', async (carrier) => {
    writeHost([`carrier = "${carrier}"`, `knockPort = ${PORT}`]);
    await run(pair.target, ['iptables', '-F', 'FWKNOP_INPUT']);
    const listener = carrier === 'udp' ? undefined : await listenTcp();
    const done = await client.json(['knock', 'bastion']);
    listener?.();
    expect([done.code, done.json]).toMatchObject([0, { open: true, port: 'tcp/22', sourceClaimed: true }]);
    figure(`fwknopd, our client over ${carrier}: open after ${done.json?.afterMs} ms`);
  });

  it.each([
    ['10.77.0.5:22', 'tcp/2201', '10.77.0.5:22'],
    ['local:22', 'tcp/2202', `${TARGET4}:22`],
  ])('is led to %s', async (forward, port, to) => {
    // Nothing is there: what counts is what fwknopd does.
    writeHost([`forward = "${forward}"`, `ports = ["${port}"]`]);
    const done = client.json(['knock', 'bastion', '--timeout', '2']);
    await expect.poll(() => fwknopd.leads(CLIENT4), { timeout: 10_000 }).toContain(to);
    await done;
  });

  it('asks for a command, which runs', async () => {
    const { dir, discard } = scratch('fwknop-command');
    onTestFinished(discard);
    const file = join(dir, 'ran');
    writeHost([`command = "touch ${file}"`]);
    expect((await client.json(['knock', 'bastion'])).code).toBe(0);
    await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
  });

  /** A host behind that fwknopd in the hosts file, with these lines. */
  function writeHost(lines: readonly string[]): void {
    const stanza = stanzas.find(isForCommands);
    if (stanza !== undefined) writeBastion(client.configHome, stanza, lines);
  }

  /** Something that takes connections at fwknop's port, as fwknopd's own dummy does. */
  async function listenTcp(): Promise<() => void> {
    const script = `require('net').createServer((s) => s.resume()).listen(${PORT}, () => console.log('up'))`;
    const child = exec(pair.target, [process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return () => child.kill('SIGKILL');
  }
});

function inBatches<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** Packet that `sendFwknopKnock` sends for a cell. */
async function packetOf({ stanza, digest, port }: Cell): Promise<Uint8Array> {
  const sent: Uint8Array[] = [];
  const host: FwknopHost = {
    kind: 'fwknop',
    name: 'grid',
    address: TARGET4,
    ports: [{ protocol: 'tcp', port }],
    carrier: 'udp',
    knockPort: PORT,
    mode: stanza.mode,
    digest,
    hmac: stanza.hmac,
    source: 'own',
    duration: 0,
    forward: undefined,
    command: undefined,
    user: undefined,
    keyFile: undefined,
    gpg: undefined,
  };
  const secrets = { key: utf8(stanza.key), hmacKey: stanza.hmacKey === undefined ? undefined : utf8(stanza.hmacKey) };
  await sendFwknopKnock(host, secrets, TARGET4, 'grid', Date.now(), {
    crypto: nodeFwknopCrypto,
    openRoute: async () => ({ localAddress: CLIENT4, send: async (packet) => void sent.push(packet), close: () => {} }),
    sendTcp: async () => {},
  });
  return sent[0] ?? new Uint8Array(0);
}
