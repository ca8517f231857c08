import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { createPair, LINK, type Pair, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { nmap } from '../rig/nmap.ts';
import { must } from '../rig/process.ts';
import { ECHO, MORE_SCANS, PACE, PLAIN, SCANS } from '../rig/scans.ts';
import { Scene } from '../rig/scene.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';

/** An address of each host that is valid on its cable alone. */
const ON_LINK = 'fe80::2';
const LOCAL = ['-6', '-e', LINK];
const FAMILIES: [string, string[], string][] = [
  ['IPv4', [], TARGET4],
  ['IPv6', ['-6'], TARGET6],
  ['IPv6 link-local', LOCAL, `${ON_LINK}%${LINK}`],
];

/** All but TCP and UDP, which are hidden, and ICMP, which `echo` is about. */
const PROTOCOLS = '0,2-5,7-16,18-57,59-255';

describe('a gate that hides every port, scanned in every way', () => {
  let scene: Scene;
  let plain: Pair;
  let bare: Pair;
  let sshd: Sshd;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'kinds', settings: { ports: ['tcp/*', 'udp/*'] } });
    plain = await createPair({ name: 'plain' });
    bare = await createPair({ name: 'bare' });
    sshd = await startSshd(plain.target);
    for (const { target } of [scene.pair, plain, bare]) {
      // nmap reports the hardware address: that of one host, then.
      await must(['ip', '-n', target, 'link', 'set', LINK, 'address', '02:00:00:00:00:02']);
      await must(['ip', '-n', target, 'addr', 'add', `${ON_LINK}/64`, 'dev', LINK, 'nodad']);
      // The kernel's limit of errors per second would pick other protocols to answer each time.
      for (const name of ['net.ipv4.icmp_ratelimit', 'net.ipv6.icmp.ratelimit'])
        await must(['ip', 'netns', 'exec', target, 'sysctl', '-qw', `${name}=0`]);
    }
    for (const script of [PLAIN, ECHO]) await loadNft(plain.target, script);
  });
  afterAll(async () => {
    await sshd?.stop();
    plain?.destroy();
    bare?.destroy();
    await scene?.end();
  });

  const scansOf = (host: Pair, args: readonly string[]) =>
    Promise.all([scene.pair, host].map(({ client }) => nmap(client, args)));

  it.each(FAMILIES)('is compared with a host that looks different without its rules, over %s', async (_, words, to) => {
    const [gate, host] = await scansOf(bare, [...PACE, '-sS', '-p', '20-25', ...words, to]);
    expect(gate?.xml).not.toBe(host?.xml);
    expect(host?.xml).toContain('closed');
  });

  it.concurrent.each([...MORE_SCANS, ...SCANS])('looks like a host that drops everything: %s', async (name, args) => {
    // Those of IPv4 and IPv6 for SCANS are in scan.test.ts.
    const families = MORE_SCANS.some(([each]) => each === name) ? FAMILIES : FAMILIES.slice(2);
    for (const [family, words, to] of families) {
      const [gate, host] = await scansOf(plain, [...PACE, ...words, ...args, to]);
      expect(gate?.xml, family).toBe(host?.xml);
      const states = new Set([...Object.keys(gate?.summed ?? {}), ...(gate?.ports ?? []).map(({ state }) => state)]);
      expect([...states].filter((state) => !/^(open\|)?filtered$/.test(state))).toEqual([]);
      figure(`scan ${name}, ${family}: XML of ${gate?.xml.length} characters equal`);
    }
  });

  it.each(FAMILIES)('answers other IP protocols like a host without rules, over %s', async (_, words, to) => {
    // Below the kernel's limit for all namespaces together, which cannot be set in one.
    const slow = ['-sO', '--max-rate', '100', '--max-retries', '4', '-p', PROTOCOLS, ...words, to];
    const [gate, host] = await scansOf(bare, slow);
    expect(gate?.xml).toBe(host?.xml);
    expect(gate?.xml).toContain('closed');
  });

  it.each(FAMILIES)('answers SCTP like a host without rules, over %s', async (_, words, to) => {
    for (const kind of ['-sY', '-sZ']) {
      const [gate, host] = await scansOf(bare, [kind, '--max-rate', '100', '-p', '1-20', ...words, to]);
      expect(gate?.xml, kind).toBe(host?.xml);
    }
  });

  it('is a gate: a knock opens it', async () => {
    expect((await scene.knock('--port', 'tcp/22')).json).toMatchObject({ open: true });
  });
});
