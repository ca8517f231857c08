import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, Deployer, deployUntil, until } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { must } from '../rig/process.ts';
import { Target, type TargetOptions } from '../rig/target.ts';
import { figure } from '../workbench/figure.ts';

/** The shortest that one can ask for, so that nobody waits longer than needed. */
const TRIAL_SECONDS = 30;
const OPTIONS = ['--yes', '--no-second-way', '--trial', String(TRIAL_SECONDS)];

/** Everything that can go wrong before the confirmation: each time, whoever could log in before can log in after. */
describe('lock-out drill', () => {
  let target: Target;
  let deployer: Deployer;

  const begin = async (name: string, options: TargetOptions = {}, client: ClientOptions = {}) => {
    target = await Target.boot({ name, ...options });
    deployer = new Deployer(target, client);
  };

  afterEach(async () => {
    deployer?.discard();
    await target?.end();
  });

  const canLogIn = async () => (await target.ssh('echo in', { connectTimeout: 2 })).stdout === 'in\n';
  /** What the last knock has opened is over: whoever gets in from now on gets in without one. */
  const doorIsShut = () =>
    until('the door is shut', async () => !(await isOpen(target.pair.client, TARGET4, 22)), 15_000);
  const isBack = async (what: string) => {
    const ms = await until(`${what}: ssh reachable`, canLogIn, (TRIAL_SECONDS + 15) * 1000);
    figure(`lock-out drill: ${what}: reachable again after ${(ms / 1000).toFixed(1)} s`);
  };
  const enabled = async () => (await target.run(['systemctl', 'is-enabled', 'knockgate'])).stdout.trim();

  it('the client has a wrong key of the gate', async () => {
    await begin('key');
    const { code, stderr } = await deployUntil(deployer, OPTIONS, /Begin a trial/, async (child) => {
      // Another key in the place of the one that the client was told.
      child.kill('SIGSTOP');
      await target.must(['knockgated', 'key', '--new', '--address', TARGET4]);
      await target.run(['systemctl', 'restart', 'knockgate']);
      child.kill('SIGCONT');
    });
    expect(stderr).toContain('knocked, but tcp/22 did not open');
    expect(stderr).toContain('target is as it was before');
    expect(code).toBe(12);
    await isBack('wrong gate key');
    expect((await target.run(['ls', '/etc/knockgate', '/usr/lib/knockgate'])).stdout).toBe('');
  });

  it('the client is killed during the trial', async () => {
    await begin('client');
    await deployUntil(deployer, OPTIONS, /From outside: the door shuts again/, async (child) => {
      child.kill('SIGKILL');
    });
    await doorIsShut();
    expect(await enabled()).toBe('disabled');
    await isBack('client killed during the trial');
    // And the next attempt goes on from what is there.
    const { stdout, stderr } = await deployer.deploy(OPTIONS);
    expect(`${stderr}${stdout}`).toContain('# The gate on target');
  });

  it('the daemon is killed for good during the trial, and the client with it', async () => {
    await begin('daemon');
    await deployUntil(deployer, OPTIONS, /From outside: the door shuts again/, async (child) => {
      child.kill('SIGKILL');
      await target.run(['systemctl', 'mask', '--runtime', 'knockgate']);
      await target.run(['systemctl', 'kill', '--signal=KILL', 'knockgate']);
    });
    await doorIsShut();
    await isBack('daemon killed during the trial');
  });

  it('the daemon is killed during the trial, and comes back', async () => {
    await begin('crash');
    const { code } = await deployUntil(deployer, OPTIONS, /From outside: the door shuts again/, async () => {
      await target.run(['systemctl', 'kill', '--signal=KILL', 'knockgate']);
    });
    expect(code).toBe(0);
    expect((await deployer.knock()).code).toBe(0);
    expect(await canLogIn()).toBe(true);
  });

  it('the target loses its power during the trial', async () => {
    await begin('power');
    const { code, stderr } = await deployUntil(deployer, OPTIONS, /From outside: the door shuts again/, async () => {
      await target.powerCycle();
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain('Nothing of it hides a port');
    expect(await enabled()).toBe('disabled');
    await isBack('power lost during the trial');
  });

  it('tcpdump goes away before the gate is armed', async () => {
    await begin('tcpdump');
    const { stderr } = await deployUntil(deployer, OPTIONS, /Write \/usr\/lib\/knockgate/, async () => {
      await target.must(['rm', '/usr/bin/tcpdump']);
    });
    expect(stderr).toContain('This did not work on the host: Start the gate');
    expect(stderr).toContain('target is as it was before');
    await isBack('tcpdump missing');
  });

  it('nft fails half-way', async () => {
    await begin('nft');
    const { stderr } = await deployUntil(deployer, OPTIONS, /Write \/usr\/lib\/knockgate/, async () => {
      await target.must(['mv', '/usr/sbin/nft', '/usr/sbin/nft.real']);
      const script =
        '#!/bin/sh\ncase "$*" in *-i*) sed -u "/add element inet knockgate gated/s/.*/nonsense/" | exec nft.real "$@";; *) exec nft.real "$@";; esac\n';
      await target.must(['sh', '-c', 'cat >/usr/sbin/nft && chmod 755 /usr/sbin/nft'], { input: script });
    });
    expect(stderr).toContain('This did not work on the host: Start the gate');
    expect(stderr).toContain('target is as it was before');
    expect((await target.run(['nft', 'list', 'table', 'inet', 'knockgate'])).code).not.toBe(0);
    await isBack('nft failing half-way');
  });

  it('the disk is full while it is written', async () => {
    await begin('disk', { disk: '60m' });
    const { stderr } = await deployUntil(deployer, OPTIONS, /Make the folder/, async (child) => {
      child.kill('SIGSTOP');
      await target.run(['dd', 'if=/dev/zero', 'of=/full', 'bs=4k']);
      child.kill('SIGCONT');
    });
    expect(stderr).toContain('No space left on device');
    expect(stderr).toContain('target is as it was before');
    await isBack('disk full');
  });

  it('the network is cut between arming and confirming', async () => {
    await begin('cut');
    const link = (state: string) => must(['ip', '-n', target.pair.client, 'link', 'set', 'eth0', state]);
    const { code } = await deployUntil(deployer, OPTIONS, /From outside: the door shuts again/, async () => {
      await link('down');
    });
    expect(code).not.toBe(0);
    await link('up');
    await isBack('network cut');
    expect(await enabled()).toBe('disabled');
  });

  it('the network is cut while it is confirmed', async () => {
    await begin('confirm');
    const link = (state: string) => must(['ip', '-n', target.pair.client, 'link', 'set', 'eth0', state]);
    const { code, stderr } = await deployUntil(deployer, OPTIONS, /Confirm: the trial ends/, async () => {
      await link('down');
    });
    await link('up');
    expect(code).not.toBe(0);
    expect(stderr).toContain('broke off while it was confirmed');
    // In force or not: this device gets in, and deploying again finishes it.
    const again = await deployer.deploy(OPTIONS);
    expect(`${again.code} ${again.stderr}`).toMatch(/^0 /);
    expect(await enabled()).toBe('enabled');
    expect((await deployer.knock()).code).toBe(0);
    expect(await canLogIn()).toBe(true);
  });

  it('the clock is wrong by a day', async () => {
    await begin('clock');
    const env = { NODE_OPTIONS: `--require ${join(import.meta.dirname, '../rig/helpers/day-ahead.cjs')}` };
    const declined = await deployer.deploy(OPTIONS.slice(1), { input: 'yes\nno\n', env });
    expect(declined.stdout).toMatch(/its clock is 8(6400\.\d|6399\.\d) s behind ours: here it is 20/);
    expect(declined.stderr).toContain('Nothing was changed');
    await isBack('clock wrong by a day');
    // Whoever goes on all the same has a gate that hears these knocks.
    const { code, stderr } = await deployer.deploy(OPTIONS, { env });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);
    expect((await deployer.run(['knock', 'target', '--force'], { env })).code).toBe(0);
    expect(await canLogIn()).toBe(true);
  });
});
