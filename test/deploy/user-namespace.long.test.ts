import { describe, expect, it, type TestContext } from 'vitest';
import { Deployer, until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target, type TargetOptions } from '../rig/target.ts';

/** Lists traces of a deployment on a server. */
const TRACES =
  'find / -xdev -path /proc -prune -o -name "*knockgate*" -print | grep -v ^/home | sort; getent passwd knockgate; nft list tables';

async function begin({ onTestFinished }: TestContext, options: TargetOptions) {
  const target = await Target.boot(options);
  onTestFinished(() => target.end());
  const deployer = new Deployer(target);
  onTestFinished(() => deployer.discard());
  const traces = async () => (await target.run(['sh', '-c', TRACES])).stdout;
  return { target, deployer, traces, isShut: async () => !(await isOpen(target.pair.client, TARGET4, 22)) };
}

describe('a container with ids of its own, as LXC makes one', () => {
  it('gets a gate, keeps it over a boot, and loses it', async (context) => {
    const { target, deployer, traces, isShut } = await begin(context, { name: 'lxc', userNamespace: 'whole' });
    expect(await target.must(['cat', '/proc/self/uid_map'])).toMatch(/^ +0 +1048576 +65536\n$/);
    const before = await traces();
    const { code, stderr } = await deployer.deploy(['--yes', '--no-second-way', '--trial', '170']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await isShut()).toBe(true);
    const knocks = async () => (await deployer.knock()).code === 0;
    expect(await knocks()).toBe(true);
    expect((await target.ssh('echo in')).stdout).toBe('in\n');

    await target.reboot();
    expect(await isShut()).toBe(true);
    const ms = await until('a knock opens after the boot', knocks, 60_000);
    figure(`user namespace: after a boot a knock opens within ${(ms / 1000).toFixed(1)} s`);
    expect((await target.ssh('echo in')).stdout).toBe('in\n');

    const removed = await deployer.undeploy(['--yes']);
    expect(`${removed.code} ${removed.stderr}`).toMatch(/^0 /);
    expect(await isShut()).toBe(false);
    expect(await traces()).toBe(before);
  });

  it('is left as it is when it has no rights over its network: the person is told why', async (context) => {
    const { deployer, traces, isShut } = await begin(context, { name: 'lxcno', userNamespace: 'foreign-network' });
    const before = await traces();
    const { code, stderr } = await deployer.deploy(['--yes', '--no-second-way']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/a gate cannot be set up there as it is\. Nothing was changed\./);
    expect(stderr).toMatch(
      /does not take the gate’s rules: .*Operation not permitted.*a container often has no right to it/s,
    );
    expect(await traces()).toBe(before);
    expect(await isShut()).toBe(false);
  });
});
