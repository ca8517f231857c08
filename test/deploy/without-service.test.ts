import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, until } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target } from '../rig/target.ts';

/** What a deployment may leave on such a system, without the gate's own folders. */
const TRACES =
  'find / -xdev -path /proc -prune -o -name "*knockgate*" -print | grep -v ^/home | sort; getent passwd knockgate';

describe('a server whose init is not systemd', () => {
  let target: Target;
  let deployer: Deployer;
  const sh = (script: string) => target.must(['sh', '-c', script], { timeout: 60_000 });

  beforeAll(async () => {
    target = await Target.boot({ name: 'noinit' });
    // The sign that systemd is in charge, sd_booted(3), and the program that talks to it.
    await sh('mv /run/systemd/system /run/systemd/not-there; chmod -x /usr/bin/systemctl');
    deployer = new Deployer(target);
  });

  afterAll(async () => {
    deployer?.discard();
    await target?.end();
  });

  it('is left as it is, and told why', async () => {
    const before = await sh(`${TRACES} || :`);
    const { code, stderr } = await deployer.deploy(['--yes', '--no-second-way']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('not systemd');
    expect(stderr).toContain('--without-service');
    expect(await sh(`${TRACES} || :`)).toBe(before);
  });

  it('gets the gate without a service, when asked to: nothing is hidden before its owner runs it', async () => {
    const { code, stdout, stderr } = await deployer.deploy(['--yes', '--no-second-way', '--without-service']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(stdout).toContain('Nothing is hidden, and nothing was started');
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(true);
    expect(await sh('ls /usr/lib/systemd/system')).not.toContain('knockgate');
    // As the report says.
    const [, recipe = ''] = /Not in force yet[\s\S]*?```sh\n([\s\S]*?)```/.exec(stdout) ?? [];
    await sh(`${recipe.replace('knockgated run', 'knockgated run </dev/null >/root/gate.log 2>&1 &')}`);
    const isShut = async () => !(await isOpen(target.pair.client, TARGET4, 22));
    await until('the port is hidden', isShut, 30_000);
    expect((await deployer.knock()).code).toBe(0);
    await target.must(['knockgated', 'confirm']);
    expect((await target.ssh('echo in')).stdout).toBe('in\n');
  });

  it('is as it was before, once the gate is removed', async () => {
    const { pid } = JSON.parse(await target.must(['knockgated', 'status', '--json']));
    await target.must(['kill', String(pid)]);
    const { code, stderr } = await deployer.undeploy(['--yes']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(true);
    expect(await sh(`${TRACES} || :`)).toBe('');
  });
});
