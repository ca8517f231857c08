import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { watchPort } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import type { Session } from '../rig/sshd.ts';
import { Installed } from './installed.ts';

const CACHE = '/var/cache/apt/archives';

/** Steps of unattended upgrades and needrestart on a server, as root's commands. Its rules are saved, with the gate's table among them. */
const RESTARTS: [string, string][] = [
  ['nftables is restarted', 'systemctl restart nftables'],
  ['nftables is reloaded', 'systemctl reload nftables'],
  ['ssh is restarted', 'systemctl restart ssh'],
  ['the gate is restarted', 'systemctl restart knockgate'],
  ['all three are restarted at once', 'systemctl restart ssh.service knockgate.service nftables.service'],
  ['systemd runs itself again', 'systemctl daemon-reexec'],
  [
    'systemd runs itself again, and then all three',
    'systemctl daemon-reexec && systemctl restart nftables knockgate ssh',
  ],
  ['the package of nft is installed again', `dpkg -i ${CACHE}/nftables_*.deb && systemctl restart nftables`],
  ['the package of tcpdump is installed again', `dpkg -i ${CACHE}/tcpdump_*.deb && systemctl restart knockgate`],
  [
    'the packages of Node are installed again',
    `dpkg -i ${CACHE}/libnode*.deb ${CACHE}/nodejs_*.deb && systemctl restart knockgate`,
  ],
];

describe('a gate on a server whose rules are saved, and that upgrades itself', () => {
  let gate: Installed;
  let session: Session;
  const sh = (command: string) => gate.target.must(['sh', '-c', command], { timeout: 60_000 });
  /** The rules of the gate, without what its sets hold. */
  const rules = () => sh('nft -s -t list table inet knockgate');
  let before: string;

  beforeAll(async () => {
    gate = await Installed.armed({ name: 'restart' });
    expect(await gate.knock()).toBe(true);
    session = await gate.target.session();
    before = await rules();
    // While somebody is let in for long. Written without `flush ruleset`, as most people do it.
    await gate.daemon('grant', CLIENT4, '--seconds', '300');
    await sh('nft list ruleset >/etc/nftables.conf && systemctl enable nftables && systemctl start nftables');
    expect(await sh('cat /etc/nftables.conf')).toContain('table inet knockgate {');
    await gate.shut();
  });

  afterAll(async () => {
    await session?.close().catch(() => {});
    await gate?.end();
  });

  /** Hidden for good, by rules that are there once, and no grant that was saved lets anybody in. */
  async function isHidden(): Promise<void> {
    await until('the ports are hidden', async () => !(await gate.isOpen()), 30_000);
    await until('the rules are as before', async () => (await rules()) === before, 30_000);
    expect((await setElements(gate.target, 'gated')).map(({ timeout }) => timeout)).toEqual([undefined]);
    expect(await setElements(gate.target, 'granted4')).toEqual([]);
  }

  async function opensToAKnockAlone(): Promise<void> {
    await gate.untilKnockable(performance.now());
    await gate.shut();
    for (const host of [TARGET4, TARGET6]) expect(await gate.isOpen(host)).toBe(false);
  }

  it.each(RESTARTS)('is hidden again, and nobody is cut off, when %s', async (name, command) => {
    const watch = watchPort(gate.target.pair.client, TARGET4, 22);
    await sh(command);
    await isHidden();
    const { shut, open } = await watch.stop();
    const first = Math.min(...open);
    const seconds = open.length === 0 ? 0 : (Math.max(...open) - first) / 1000;
    figure(`${name}: shown for ${seconds.toFixed(1)} s; ${open.length} of ${open.length + shut.length} tries got in`);
    await opensToAKnockAlone();
    expect(await session.type(name, 20_000)).toBeGreaterThan(0);
    // The daemon looks at the table every three seconds: nothing comes later that would show the ports.
    await sleep(4000);
    await isHidden();
  });

  it('is hidden from the first moment of a boot, whatever was saved, and opens to a knock alone', async () => {
    await session.close();
    const watch = watchPort(gate.target.pair.client, TARGET4, 22);
    await gate.target.reboot();
    const { shut, open } = await watch.stop();
    expect(open).toEqual([]);
    expect(shut.length).toBeGreaterThan(3);
    expect((await sh('systemctl is-active nftables')).trim()).toBe('active');
    await isHidden();
    await opensToAKnockAlone();
  });

  it('does not shut its owner out for good when an upgrade leaves it without Node, whatever was saved', async () => {
    await sh('chmod -x /usr/bin/node');
    await gate.target.reboot();
    expect(await gate.isOpen()).toBe(false);
    // The saved rules hide the port for good; what the gate loads after them does not.
    expect((await setElements(gate.target, 'gated')).map(({ timeout }) => timeout)).toEqual([900]);
    await sh('chmod +x /usr/bin/node');
    await isHidden();
    await opensToAKnockAlone();
  });
});
