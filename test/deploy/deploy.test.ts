import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOff } from '../rig/clock-off.ts';
import { Deployer, deployUntil } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target } from '../rig/target.ts';

const OPTIONS = ['--yes', '--no-second-way'];

describe('a bare Debian server', () => {
  let target: Target;
  let deployer: Deployer;

  beforeAll(async () => {
    target = await Target.boot({ name: 'deploy', kind: 'bare', sudo: 'password' });
    deployer = new Deployer(target);
  });

  afterAll(async () => {
    deployer?.discard();
    await target?.end();
  });

  it('is inspected: the plan says what would be done, and nothing changes', async () => {
    const { code, stdout, stderr } = await deployer.deploy(['--dry-run'], { input: `${target.password}\n` });
    expect(stderr).toContain('Password of dev@target, for sudo');
    expect(stdout).toContain('packages: nftables, tcpdump, nodejs');
    expect(stdout).toMatch(/hidden: tcp\/22; knocked at: udp\/443, udp\/[123]\d{4}$/m);
    expect(stdout).toContain('systemctl restart knockgate.service');
    expect(code).toBe(0);
    expect((await target.run(['ls', '/etc/knockgate', '/usr/lib/knockgate'])).stdout).toBe('');
    expect((await target.run(['sh', '-c', 'command -v nft'])).code).not.toBe(0);
  });

  /** Somebody else begins to do the same meanwhile. */
  const secondOne = async () => {
    const other = new Deployer(target);
    const { code, stderr } = await other.deploy(OPTIONS, { input: `${target.password}\n` });
    expect(`${code} ${stderr}`).toMatch(
      /^6 .*target: another command is already changing its gate\. This command changed nothing/s,
    );
    expect(stderr).toMatch(/\S+ began \d+ s ago\./);
    other.discard();
  };

  it('becomes a gate by one command, though the clock of the laptop is 5 minutes ahead', async () => {
    const input = `${target.password}\n`;
    const start = performance.now();
    const env = clockOff(5 * 60_000);
    const options = [...OPTIONS, '--accept-clock'];
    const { code, stdout, stderr } = await deployUntil(deployer, options, /Write \/usr\/lib/, secondOne, input, env);
    expect(stderr).toMatch(/its clock is (299|300)\.\d s behind ours/);
    expect(`${stderr}\n${stdout}`).toContain('The gate on target is set up');
    expect(code).toBe(0);
    figure(`from a bare server to a gate, tried from outside: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);
  });

  it('shares a secret with this device, which every command uses', async () => {
    const gateToml = await target.must(['cat', '/etc/knockgate/gate.toml']);
    const pskFile = /psk_file = "(.+)"/.exec(gateToml)?.[1] ?? '';
    const psk = (await target.must(['cat', pskFile])).trim();
    expect(await target.must(['stat', '-c', '%a %U:%G', pskFile])).toBe('640 root:knockgate\n');
    expect(readFileSync(join(deployer.home, '.config/knockgate/psk/target'), 'utf8').trim()).toBe(psk);
    await target.must(['knockgated', 'flush']);
    const argv = ['gate', 'target', '--ssh-config', deployer.config, 'status'];
    const { code, stdout, stderr } = await deployer.run(argv, { input: `${target.password}\n` });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(`${stdout} ${stderr} ${await target.must(['journalctl', '--no-pager'])}`).not.toContain(psk);
  });

  it('opens at the first knock after that clock was set right', async () => {
    expect((await deployer.knock()).stdout).toContain('open after');
    expect((await target.ssh('echo in')).stdout).toBe('in\n');
    const units = ['knockgate', 'knockgate-boot', 'knockgate-action.socket'];
    expect((await target.run(['systemctl', 'is-enabled', ...units])).stdout).toBe('enabled\nenabled\ndisabled\n');
  });

  it('shows its activity and its log from afar, out of the journal', async () => {
    const ask = async (...argv: string[]) => {
      const options = ['--json', '--ssh-config', deployer.config];
      const { code, stdout, stderr } = await deployer.run([...argv, ...options], { input: `${target.password}\n` });
      expect(`${code} ${stderr}`).toMatch(/^0 /);
      return JSON.parse(stdout);
    };
    const { status, events } = await ask('activity', 'target');
    expect(status.capture).toBe('listening');
    expect(events[0].seq).toBeGreaterThan(1);
    const first = await ask('events', 'target', '--limit', '1');
    const second = await ask('events', 'target', '--limit', '1', '--before', first.next);
    expect(second.events[0].seq).toBe(first.events[0].seq - 1);
  });
});
