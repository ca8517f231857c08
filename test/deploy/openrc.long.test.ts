import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packDeb } from '../../scripts/deb.mjs';
import { scratch } from '../rig/cleanup.ts';
import { until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { Target } from '../rig/target.ts';
import { NEWER, newerProgram } from './newer-program.ts';
import { describeScans, SCANNED } from './scans.ts';
import { describeWithoutService, WithoutService } from './without-service.ts';

const boot = (name: string) => Target.boot({ name, system: 'openrc' });

const DOCUMENT = new URL('../../docs/deploying.md', import.meta.url);

/** The service that docs/deploying.md shows. */
function documentedService(): string {
  return /```sh\n(#!\/sbin\/openrc-run\n[\s\S]*?)```/.exec(readFileSync(DOCUMENT, 'utf8'))?.[1] ?? '';
}

describeWithoutService('Debian with OpenRC', () => boot('openrc'));

describe('a gate on Debian with OpenRC', () => {
  let gate: WithoutService;
  const isReachable = async () => (await gate.target.ssh('echo in', { connectTimeout: 2 })).stdout === 'in\n';
  const isBack = async (what: string) => {
    const ms = await until(`${what}: ssh reachable`, isReachable, 150_000);
    figure(`OpenRC: lock-out drill: ${what}: reachable again after ${(ms / 1000).toFixed(1)} s`);
  };

  beforeAll(async () => {
    gate = new WithoutService(await boot('rcgate'));
    await gate.deploy();
  });

  afterAll(async () => {
    await gate?.end();
  });

  it('opens by itself when nobody confirms the trial', async () => {
    await gate.run(30);
    await isBack('trial not confirmed');
    await gate.target.must(['kill', await gate.pid()]);
  });

  it('opens by itself when the daemon is killed during the trial', async () => {
    await gate.run(30);
    await gate.target.must(['kill', '-KILL', await gate.pid()]);
    await isBack('daemon killed during the trial');
  });

  it('is open after the power went during the trial', async () => {
    await gate.run(600);
    await gate.target.powerCycle();
    await isBack('power lost during the trial');
  });

  it('comes back after a crash and after a boot, by the documented service', { timeout: 400_000 }, async () => {
    await gate.run(600);
    expect((await gate.deployer.knock()).code).toBe(0);
    await gate.target.must(['knockgated', 'confirm']);
    await gate.target.must(['kill', await gate.pid()]);
    await until('no daemon', async () => (await gate.target.run(['knockgated', 'status'])).code !== 0, 15_000);
    const install = 'cat >/etc/init.d/knockgate && chmod 755 /etc/init.d/knockgate && rc-update add knockgate default';
    await gate.target.must(['sh', '-c', install], { input: documentedService() });
    await gate.sh('rc-service knockgate start </dev/null >/dev/null 2>&1');
    await until('the service hides the port', () => gate.isShut(), 30_000);

    const pid = await gate.pid();
    await gate.target.must(['kill', '-KILL', pid]);
    const knocks = async () => (await gate.deployer.knock()).code === 0;
    await until('another daemon hears a knock', knocks, 30_000);
    expect(await gate.pid()).not.toBe(pid);
    expect(await isReachable()).toBe(true);

    await gate.target.reboot();
    await until('the port is hidden after the boot', () => gate.isShut(), 30_000);
    await until('a knock is heard after the boot', knocks, 30_000);
    expect(await isReachable()).toBe(true);
  });

  it('has its log in a file, over the crash and the boot', async () => {
    const { events, next } = JSON.parse(await gate.target.must(['knockgated', 'events', '--json', '--limit', '1000']));
    expect(next).toBeNull();
    const names: string[] = events.map(({ event }: { event: string }) => event);
    expect(names.filter((name) => name === 'armed').length).toBeGreaterThanOrEqual(3);
    expect(names).toContain('granted');
  });

  it('keeps key, clients and configuration over an upgrade', async () => {
    const kept = async () => [
      await gate.target.must(['cat', '/etc/knockgate/gate.toml']),
      await gate.target.must(['knockgated', 'key', '--address', TARGET4]),
    ];
    const before = await kept();
    expect((await gate.deployer.knock()).code).toBe(0);
    gate.deployer.program = newerProgram(gate.deployer.program);
    await gate.deploy();
    expect(await gate.target.must(['knockgated', '--version'])).toBe(`knockgated ${NEWER}\n`);
    expect(await kept()).toEqual(before);
    await gate.sh('rc-service knockgate restart </dev/null >/dev/null 2>&1');
    await until('the newer daemon hears a knock', async () => (await gate.deployer.knock()).code === 0, 30_000);
  });

  it('is gone once it is removed', async () => {
    await gate.sh('rc-service knockgate stop; rc-update delete knockgate; rm /etc/init.d/knockgate');
    const { code, stderr } = await gate.deployer.undeploy(['--yes']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await gate.isShut()).toBe(false);
    expect(await gate.traces()).toBe('');
    await gate.target.reboot();
    expect(await gate.isShut()).toBe(false);
  });
});

describeScans('a gate on Debian with OpenRC', async () => {
  const gate = new WithoutService(await boot('rcscan'));
  await gate.deploy(['--hide', SCANNED.ports.join(','), '--knock-ports', SCANNED.knock_ports.join(',')]);
  await gate.run(600);
  const knock = async () => (await gate.deployer.knock()).code === 0;
  expect(await knock()).toBe(true);
  await gate.target.must(['knockgated', 'confirm']);
  await gate.target.must(['knockgated', 'flush']);
  return { pair: gate.target.pair, knock, end: () => gate.end() };
});

describe('the package on Debian with OpenRC', () => {
  it('is refused before anything is changed: it needs systemd', async () => {
    const target = await boot('rcdeb');
    const { dir, discard } = scratch('deb');
    try {
      copyFileSync(await packDeb(undefined, dir), join(target.root, 'root/knockgate.deb'));
      const files = () =>
        target.must([
          'sh',
          '-c',
          'find /etc /usr /var/lib/knockgate -name "*knockgate*"; getent passwd knockgate || :',
        ]);
      const install = ['apt-get', 'install', '-y', '--no-download', '/root/knockgate.deb'];
      const { code, stdout, stderr } = await target.run(install, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
      expect(code).not.toBe(0);
      expect(`${stdout}${stderr}`).toMatch(/systemd/);
      expect(await files()).toBe('');
      expect((await target.ssh('echo in')).stdout).toBe('in\n');
    } finally {
      discard();
      await target.end();
    }
  });
});
