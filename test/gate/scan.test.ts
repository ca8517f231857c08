import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { createPair, LINK, type Pair, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { nmap, type Scan } from '../rig/nmap.ts';
import { must } from '../rig/process.ts';
import { ECHO, PACE, PLAIN, SCANS } from '../rig/scans.ts';
import { Scene } from '../rig/scene.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';

/** Ways of nmap to ask whether a host is there, and whether a gate's host says so with `echo = "drop"` and with "answer". */
const PINGS: [string, string, { drop: boolean; answer: boolean }][] = [
  ['ICMP echo', '-PE', { drop: false, answer: true }],
  ['ICMP timestamp', '-PP', { drop: false, answer: true }],
  ['ICMP address mask', '-PM', { drop: false, answer: false }],
  ['TCP SYN', '-PS22,80,443', { drop: false, answer: false }],
  ['TCP ACK', '-PA22,80,443', { drop: false, answer: false }],
  ['UDP', '-PU443,62201,40125', { drop: false, answer: false }],
  // The gate hides TCP and UDP. Other protocols get the kernel's usual answer: docs/security-model.md.
  ['SCTP INIT', '-PY22', { drop: true, answer: true }],
];

describe('a gate that hides every port', () => {
  let scene: Scene;
  let plain: Pair;
  let plainSshd: Sshd;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'scan', settings: { ports: ['tcp/*', 'udp/*'] } });
    plain = await createPair({ name: 'plain' });
    plainSshd = await startSshd(plain.target);
    // nmap reports the hardware address: that of one host twice, then.
    for (const ns of [scene.pair.target, plain.target])
      await must(['ip', '-n', ns, 'link', 'set', LINK, 'address', '02:00:00:00:00:02']);
  });
  afterAll(async () => {
    await plainSshd?.stop();
    plain?.destroy();
    await scene?.end();
  });

  /** The same scan of the gate and of the plain host, side by side. */
  async function both(args: readonly string[]): Promise<[Scan, Scan]> {
    const scans = [scene.pair, plain].map(({ client }) => nmap(client, [...PACE, ...args]));
    const [gate, host] = await Promise.all(scans);
    if (!gate || !host) throw new Error('two scans were asked for');
    return [gate, host];
  }

  it('is compared with a host that would look different without its rule', async () => {
    const args = [...PACE, '-sS', '-p', '20-25', TARGET4];
    const shown = await nmap(plain.client, args);
    expect(shown.ports.find(({ port }) => port === 22)).toMatchObject({ state: 'open' });
    await loadNft(plain.target, PLAIN);
    await loadNft(plain.target, ECHO);
    const hidden = await nmap(plain.client, args);
    expect(hidden.xml).not.toBe(shown.xml);
    expect(hidden.ports.every(({ state }) => state === 'filtered')).toBe(true);
  });

  // Side by side, since each of them mostly waits for answers that do not come.
  it.concurrent.each(SCANS)('looks to nmap like that host: %s', async (name, args) => {
    await Promise.all([
      expectEqual(`${name}, IPv4`, [...args, TARGET4]),
      expectEqual(`${name}, IPv6`, ['-6', ...args, TARGET6]),
    ]);
  });

  async function expectEqual(name: string, args: readonly string[]) {
    const [gate, host] = await both(args);
    expect(gate.xml).toBe(host.xml);
    const states = new Set([...Object.keys(gate.summed), ...gate.ports.map(({ state }) => state)]);
    expect([...states].filter((state) => !/^(open\|)?filtered$/.test(state))).toEqual([]);
    figure(`scan ${name}: XML of ${gate.xml.length} characters equal, ${[...states].join(' and ')}`);
  }

  it.each(['answer', 'drop'])('treats echo requests as told, and the comparison holds either way: %s', async (echo) => {
    await scene.reconfigure({}, { echo });
    await loadNft(plain.target, PLAIN);
    if (echo === 'answer') await loadNft(plain.target, ECHO);
    const state = echo === 'answer' ? 'open' : 'open|filtered';
    for (const args of [
      ['-sO', '-p', '1', TARGET4],
      ['-6', '-sO', '-p', '58', TARGET6],
    ]) {
      const [gate, host] = await both(args);
      expect(gate.xml).toBe(host.xml);
      expect(gate.ports).toMatchObject([{ state }]);
    }
    await expectEqual(`TCP SYN, echo = ${echo}, IPv4`, ['-sS', '-p', '1-1000', TARGET4]);
  });

  it.each(['drop', 'answer'] as const)('is there to pings of other kinds as told, echo = %s', async (echo) => {
    await scene.reconfigure({}, { echo });
    const isUp = async (words: readonly string[]) => {
      const ping = ['nmap', '-n', '-sn', '--send-ip', '--disable-arp-ping', ...words];
      const { stdout } = await run(scene.pair.client, ping);
      const [, up] = /\((\d) hosts? up\)/.exec(stdout) ?? [];
      if (up === undefined) throw new Error(`nmap ${words.join(' ')}: ${stdout}`);
      return up === '1';
    };
    // For IPv6 nmap has no timestamp and no address mask, and hears no answer to SCTP: scan-kinds.long.test.ts has its scan.
    const waysOf = (ping: string) => [[ping, TARGET4], ...(/^-P[PMY]/.test(ping) ? [] : [['-6', ping, TARGET6]])];
    const asked = PINGS.flatMap(([name, ping, up]) => waysOf(ping).map((words) => ({ name, words, up: up[echo] })));
    const seen = await Promise.all(asked.map(async (each) => ({ ...each, up: await isUp(each.words) })));
    expect(seen).toEqual(asked);
  });

  it('answers no neighbour that speaks as a DHCP server', async () => {
    const { client, target } = scene.pair;
    const { stdout } = await run(target, ['ip', '-6', 'addr', 'show', 'dev', LINK, 'scope', 'link']);
    const address = /inet6 (fe80::[0-9a-f:]+)/.exec(stdout)?.[1] ?? '';
    const scan = (port: number) =>
      nmap(client, [...PACE, '-6', '-e', LINK, '-sU', '-g', '547', '-p', String(port), `${address}%${LINK}`]);
    expect((await scan(546)).ports).toMatchObject([{ state: 'open|filtered' }]);
    // The control: nothing but our rule keeps the kernel from answering.
    await run(target, ['nft', 'flush', 'chain', 'inet', 'knockgate', 'output']);
    expect((await scan(546)).ports).toMatchObject([{ state: 'closed' }]);
  });

  it('is still a gate: a knock opens it for ssh', async () => {
    await scene.reconfigure({});
    expect((await scene.knock('--port', 'tcp/22')).json).toMatchObject({ open: true });
  });
});
