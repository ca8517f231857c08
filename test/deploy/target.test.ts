import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target } from '../rig/target.ts';

describe('a booted target', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.boot({ name: 'rig', kind: 'bare', sudo: 'password' });
  });

  afterAll(async () => {
    await target?.end();
  });

  it('lets its user log in, who is root by sudo with a password', async () => {
    const { stdout } = await target.ssh('id -un; systemctl is-active ssh');
    expect(stdout).toBe('dev\nactive\n');
    expect((await target.ssh('sudo -n true')).code).not.toBe(0);
    const sudo = ['su', target.user, '-c', 'sudo -S id -un'];
    expect((await target.run(sudo, { input: `${target.password}\n` })).stdout).toBe('root\n');
  });

  it('has nothing of what the gate needs, and can install it without a network', async () => {
    for (const program of ['nft', 'tcpdump', 'node'])
      expect((await target.run(['sh', '-c', `command -v ${program}`])).code).not.toBe(0);
    const apt = ['apt-get', 'install', '-y', '--no-install-recommends', 'tcpdump'];
    await target.must(apt, { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout: 60_000 });
    expect((await target.run(['tcpdump', '--version'])).code).toBe(0);
  });

  it('boots again when it is told to, and when its power went, with its disk as it was', async () => {
    const boot = async () => (await target.must(['cat', '/proc/sys/kernel/random/boot_id', '/etc/machine-id'])).trim();
    await target.must(['touch', '/etc/note', '/run/note']);
    const machine = (await boot()).split('\n')[1];
    for (const again of [() => target.reboot(), () => target.powerCycle()]) {
      await again();
      expect((await boot()).split('\n')[1]).toBe(machine);
      expect((await target.run(['ls', '/etc/note', '/run/note'])).stdout).toBe('/etc/note\n');
      expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(true);
    }
    expect(target.boots).toBe(3);
  });

  it('lives beside another', async () => {
    const other = await Target.boot({ name: 'other', kind: 'firewalls' });
    expect((await other.ssh('sudo -n nft list ruleset; sudo -n ufw status; command -v firewall-cmd')).stdout).toBe(
      'Status: inactive\n/usr/bin/firewall-cmd\n',
    );
    // Each has control groups of its own: a systemd cannot end a session whose group holds processes of another computer.
    expect(other.controlGroup()).not.toBe(target.controlGroup());
    await other.end();
    expect((await target.ssh('echo here')).stdout).toBe('here\n');
  });
});
