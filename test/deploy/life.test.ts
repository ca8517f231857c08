import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Client } from '../rig/client.ts';
import { TARGET4 } from '../rig/netns.ts';
import { setElements, tableExists } from '../rig/nft.ts';
import { watchPort } from '../rig/probe.ts';
import { must, sleep } from '../rig/process.ts';
import { keyFile } from '../rig/scene.ts';
import { figure, Installed } from './installed.ts';

/** Units of a cloud's own start-up: one that waits for the network, and for which everything else waits. */
const CLOUD = {
  'cloud-network.service': ['After=network-pre.target', 'Before=network.target cloud-init.service'],
  'cloud-init.service': ['After=cloud-network.service', 'Before=sysinit.target ssh.service'],
};

const WAIT = { timeout: 60_000, interval: 100 };

describe('a gate that is confirmed', () => {
  let gate: Installed;
  const ns = () => gate.target.pair.target;
  const processes = async (name: string) => {
    const { stdout } = await gate.target.run(['pgrep', '-x', name]);
    return stdout.split('\n').filter(Boolean);
  };

  beforeAll(async () => {
    gate = await Installed.armed({ name: 'life' });
    for (const [name, order] of Object.entries(CLOUD)) {
      const unit = ['[Unit]', 'DefaultDependencies=no', ...order, '[Service]', 'Type=oneshot', 'ExecStart=true'];
      const text = [...unit, '[Install]', 'WantedBy=sysinit.target', ''].join('\n');
      writeFileSync(join(gate.target.root, 'etc/systemd/system', name), text);
      await gate.target.must(['systemctl', 'enable', name]);
    }
  });

  afterEach(async () => {
    await gate.shut();
  });

  afterAll(async () => {
    await gate?.end();
  });

  it('is hidden all through a boot, and knockable after it', async () => {
    const watch = watchPort(gate.target.pair.client, TARGET4, 22);
    const start = performance.now();
    await gate.target.reboot();
    const up = (performance.now() - start) / 1000;
    const { shut, open } = await watch.stop();
    expect(open).toEqual([]);
    expect(shut.length).toBeGreaterThan(3);
    const seconds = await gate.untilKnockable(start);
    figure(
      `reboot: up again after ${up.toFixed(1)} s, a knock opens after ${seconds.toFixed(1)} s; ${shut.length} tries in between, none of which got in`,
    );
    expect(await gate.target.journal('knockgate-boot')).toContain('Finished');
  });

  it('was hidden before the network came up and before sshd listened', async () => {
    const stamp = async (unit: string) => {
      const show = ['systemctl', 'show', '--value', '-p', 'ActiveEnterTimestampMonotonic', unit];
      return Number((await gate.target.must(show)).trim());
    };
    const [boot, network, sshd] = [
      await stamp('knockgate-boot.service'),
      await stamp('network-pre.target'),
      await stamp('ssh.service'),
    ];
    expect(boot).toBeGreaterThan(0);
    expect(boot).toBeLessThan(network);
    expect(boot).toBeLessThan(sshd);
    // The daemon has made what the kernel would have ended by itself permanent.
    expect((await setElements(gate.target, 'gated'))[0]?.timeout).toBeUndefined();
  });

  it('makes no cycle at boot with units that wait for the network, or that others wait for', async () => {
    expect(await gate.target.must(['journalctl', '-b', '--no-pager', '_PID=1'])).not.toContain('ordering cycle');
    const { stdout } = await gate.target.run([
      'systemctl',
      'show',
      '-p',
      'ActiveEnterTimestampMonotonic',
      'sysinit.target',
    ]);
    expect(stdout).toMatch(/=[1-9]/);
  });

  /** Waits for another daemon: the kernel opens to a knock without one. */
  async function replaced(pid: string | undefined) {
    await vi.waitFor(async () => expect([undefined, '0', pid]).not.toContain(await gate.mainPid()), WAIT);
    await vi.waitFor(async () => expect((await gate.status()).capture).toBe('listening'), WAIT);
  }

  it('comes back when its power went', async () => {
    const start = performance.now();
    await gate.target.powerCycle();
    expect(await gate.isOpen()).toBe(false);
    figure(`power cut: a knock opens ${(await gate.untilKnockable(start)).toFixed(1)} s later`);
  });

  it('comes back after a crash', async () => {
    const pid = await gate.mainPid();
    const start = performance.now();
    await gate.target.must(['kill', '-KILL', pid ?? '']);
    figure(`daemon killed: a knock opens ${(await gate.untilKnockable(start)).toFixed(1)} s later`);
    await replaced(pid);
  });

  it('comes back after a hang, by the watchdog', async () => {
    const pid = await gate.mainPid();
    const start = performance.now();
    await gate.target.must(['kill', '-STOP', pid ?? '']);
    figure(`daemon stopped in its tracks: a knock opens ${(await gate.untilKnockable(start)).toFixed(1)} s later`);
    await replaced(pid);
    expect(await gate.target.journal('knockgate')).toContain('Watchdog timeout');
  });

  it('hears again when its tcpdump died', async () => {
    const [pid] = await processes('tcpdump');
    const start = performance.now();
    await gate.target.must(['kill', '-KILL', pid ?? '']);
    figure(`tcpdump killed: a knock opens ${(await gate.untilKnockable(start)).toFixed(1)} s later`);
    await vi.waitFor(async () => expect(await processes('tcpdump')).toHaveLength(1), WAIT);
  });

  it.each([
    ['nft flush ruleset', ['nft', 'flush', 'ruleset']],
    ['systemctl restart nftables', ['systemctl', 'restart', 'nftables']],
    ['systemctl reload nftables', ['systemctl', 'reload', 'nftables']],
  ])('puts its table back after %s', async (name, command) => {
    await gate.target.must(['systemctl', 'start', 'nftables']);
    await gate.untilKnockable(performance.now());
    await gate.shut();
    const start = performance.now();
    await gate.target.must(command);
    while (!(await tableExists(gate.target)) || (await setElements(gate.target, 'gated')).length === 0) {
      if (performance.now() - start > 20_000) throw new Error(await gate.target.journal('knockgate'));
      await sleep(20);
    }
    const hidden = (performance.now() - start) / 1000;
    const knocked = await gate.untilKnockable(start);
    figure(`${name}: hidden again after ${hidden.toFixed(1)} s, a knock opens after ${knocked.toFixed(1)} s`);
  });

  it('serves interfaces and addresses that come later', async () => {
    const { client } = gate.target.pair;
    const late = ['type', 'veth', 'peer', 'late0', 'netns', ns()];
    await must(['ip', 'link', 'add', 'late0', 'netns', client, ...late]);
    await must(['ip', '-n', client, 'addr', 'add', '198.51.100.1/24', 'dev', 'late0']);
    await must(['ip', '-n', ns(), 'addr', 'add', '198.51.100.2/24', 'dev', 'late0']);
    for (const each of [client, ns()]) await must(['ip', '-n', each, 'link', 'set', 'late0', 'up']);
    expect(await gate.isOpen('198.51.100.2')).toBe(false);
    const line = (await gate.daemon('key', '--address', '198.51.100.2', '--name', 'late')).trim();
    // Where the gate is known under its other address, this line is refused.
    const elsewhere = new Client(client);
    onTestFinished(elsewhere.dispose);
    cpSync(keyFile(gate.client), keyFile(elsewhere));
    expect((await elsewhere.run(['knock', 'late', '--gate', line])).code).toBe(0);
  });

  it('shows its ports when the daemon does not come up after a boot, but not at once', async () => {
    await gate.target.must(['chmod', '-x', '/usr/sbin/knockgated']);
    await gate.target.reboot();
    expect(await gate.isOpen()).toBe(false);
    const [gated] = await setElements(gate.target, 'gated');
    expect(gated?.timeout).toBe(900);
    figure(`no daemon after a boot: the kernel shows the ports in ${gated?.expires} s`);
    await gate.target.must(['chmod', '+x', '/usr/sbin/knockgated']);
    await gate.untilKnockable(performance.now());
    expect((await setElements(gate.target, 'gated'))[0]?.timeout).toBeUndefined();
  });

  it('with daemon_dead = "open" is kept hidden by its heartbeat, and by nothing else', async () => {
    const edit = 's/^knock_ports/daemon_dead = "open"\\nknock_ports/';
    await gate.target.must(['sed', '-i', edit, '/etc/knockgate/gate.toml']);
    await gate.target.must(['systemctl', 'reload', 'knockgate']);
    const left = async () => (await setElements(gate.target, 'gated'))[0]?.expires ?? 900;
    await sleep(4000);
    expect(await left()).toBeGreaterThan(890);
    await gate.target.must(['systemctl', 'stop', 'knockgate']);
    const before = await left();
    await sleep(5000);
    expect(await left()).toBeLessThan(before - 3);
    await gate.target.must(['systemctl', 'start', 'knockgate']);
  });
});
