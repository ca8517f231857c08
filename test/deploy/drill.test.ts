import { describe, expect, it, type TestContext } from 'vitest';
import { clockOff } from '../rig/clock-off.ts';
import { Deployer, deployUntil, until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { must } from '../rig/process.ts';
import { Target, type TargetOptions } from '../rig/target.ts';

/** The shortest that one can ask for, so that nobody waits longer than needed. */
const TRIAL_SECONDS = 30;
const OPTIONS = ['--yes', '--no-second-way', '--trial', String(TRIAL_SECONDS)];

/** Where the gate is to be confirmed: a busy machine may take long to get there. */
const CONFIRMED = ['--yes', '--no-second-way', '--trial', '170'];

/** Each case has its own target. Cases take long because they wait, so they run at the same time. */
class Drill {
  readonly target: Target;
  readonly deployer: Deployer;

  private constructor(target: Target, deployer: Deployer) {
    this.target = target;
    this.deployer = deployer;
  }

  static async begin(name: string, { onTestFinished }: TestContext, options: TargetOptions = {}): Promise<Drill> {
    const target = await Target.boot({ name, ...options });
    onTestFinished(() => target.end());
    const deployer = new Deployer(target);
    onTestFinished(() => deployer.discard());
    return new Drill(target, deployer);
  }

  async canLogIn(): Promise<boolean> {
    return (await this.target.ssh('echo in', { connectTimeout: 2 })).stdout === 'in\n';
  }

  /** Waits until the last grant is over, so that a later login does not use it. */
  async doorIsShut(): Promise<void> {
    await until('the door is shut', async () => !(await isOpen(this.target.pair.client, TARGET4, 22)), 15_000);
  }

  async isBack(what: string): Promise<void> {
    const ms = await until(`${what}: ssh reachable`, () => this.canLogIn(), (TRIAL_SECONDS + 15) * 1000);
    figure(`lock-out drill: ${what}: reachable again after ${(ms / 1000).toFixed(1)} s`);
  }

  async enabled(): Promise<string> {
    return (await this.target.run(['systemctl', 'is-enabled', 'knockgate'])).stdout.trim();
  }

  async link(state: 'up' | 'down'): Promise<void> {
    await must(['ip', '-n', this.target.pair.client, 'link', 'set', 'eth0', state]);
  }
}

/** Everything that can go wrong before the confirmation: each time, those who could log in before can log in after. */
describe('lock-out drill', () => {
  it.concurrent('the client has a wrong key of the gate', async (context) => {
    const drill = await Drill.begin('key', context);
    const { code, stderr } = await deployUntil(drill.deployer, OPTIONS, /Begin a trial/, async (child) => {
      // Another key instead of the one that the client knows.
      child.kill('SIGSTOP');
      await drill.target.must(['knockgated', 'key', '--new', '--address', TARGET4]);
      await drill.target.run(['systemctl', 'restart', 'knockgate']);
      child.kill('SIGCONT');
    });
    expect(stderr).toContain('knocked, but tcp/22 did not open');
    expect(stderr).toContain('target is as it was before');
    expect(code).toBe(12);
    await drill.isBack('wrong gate key');
    expect((await drill.target.run(['ls', '/etc/knockgate', '/usr/lib/knockgate'])).stdout).toBe('');
  });

  it.concurrent('the client is killed during the trial', async (context) => {
    const drill = await Drill.begin('client', context);
    await deployUntil(drill.deployer, OPTIONS, /From outside: the door shuts again/, async (child) => {
      child.kill('SIGKILL');
    });
    await drill.doorIsShut();
    expect(await drill.enabled()).toBe('disabled');
    await drill.isBack('client killed during the trial');
    // The next attempt continues from what is there.
    const { stdout, stderr } = await drill.deployer.deploy(CONFIRMED);
    expect(`${stderr}${stdout}`).toContain('The gate on target');
  });

  it.concurrent('the daemon is killed for good during the trial, and the client with it', async (context) => {
    const drill = await Drill.begin('daemon', context);
    await deployUntil(drill.deployer, OPTIONS, /From outside: the door shuts again/, async (child) => {
      child.kill('SIGKILL');
      await drill.target.run(['systemctl', 'mask', '--runtime', 'knockgate']);
      await drill.target.run(['systemctl', 'kill', '--signal=KILL', 'knockgate']);
    });
    await drill.doorIsShut();
    await drill.isBack('daemon killed during the trial');
  });

  it.concurrent('the daemon is killed during the trial, and comes back', async (context) => {
    const drill = await Drill.begin('crash', context);
    const { code, stderr } = await deployUntil(
      drill.deployer,
      CONFIRMED,
      /From outside: the door shuts again/,
      async () => {
        await drill.target.run(['systemctl', 'kill', '--signal=KILL', 'knockgate']);
      },
    );
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect((await drill.deployer.knock()).code).toBe(0);
    expect(await drill.canLogIn()).toBe(true);
  });

  it.concurrent('the target loses its power during the trial', async (context) => {
    const drill = await Drill.begin('power', context);
    const { code, stderr } = await deployUntil(
      drill.deployer,
      OPTIONS,
      /From outside: the door shuts again/,
      async () => {
        await drill.target.powerCycle();
      },
    );
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/hides? no port/);
    expect(await drill.enabled()).toBe('disabled');
    await drill.isBack('power lost during the trial');
  });

  it.concurrent('tcpdump goes away before the gate is armed', async (context) => {
    const drill = await Drill.begin('tcpdump', context);
    const { stderr } = await deployUntil(drill.deployer, OPTIONS, /Write \/usr\/lib\/knockgate/, async () => {
      await drill.target.must(['rm', '/usr/bin/tcpdump']);
    });
    expect(stderr).toContain('A step failed on the host: Start the gate');
    expect(stderr).toContain('target is as it was before');
    await drill.isBack('tcpdump missing');
  });

  it.concurrent('nft fails half-way', async (context) => {
    const drill = await Drill.begin('nft', context);
    const { stderr } = await deployUntil(drill.deployer, OPTIONS, /Write \/usr\/lib\/knockgate/, async () => {
      await drill.target.must(['mv', '/usr/sbin/nft', '/usr/sbin/nft.real']);
      const script =
        '#!/bin/sh\ncase "$*" in *-i*) sed -u "/add element inet knockgate gated/s/.*/nonsense/" | exec nft.real "$@";; *) exec nft.real "$@";; esac\n';
      await drill.target.must(['sh', '-c', 'cat >/usr/sbin/nft && chmod 755 /usr/sbin/nft'], { input: script });
    });
    expect(stderr).toContain('A step failed on the host: Start the gate');
    expect(stderr).toContain('target is as it was before');
    expect((await drill.target.run(['nft', 'list', 'table', 'inet', 'knockgate'])).code).not.toBe(0);
    await drill.isBack('nft failing half-way');
  });

  it.concurrent('the disk is full while it is written', async (context) => {
    const drill = await Drill.begin('disk', context, { disk: '60m' });
    const { stderr } = await deployUntil(drill.deployer, OPTIONS, /Make the folder/, async (child) => {
      child.kill('SIGSTOP');
      await drill.target.run(['dd', 'if=/dev/zero', 'of=/full', 'bs=4k']);
      child.kill('SIGCONT');
    });
    expect(stderr).toContain('No space left on device');
    expect(stderr).toContain('target is as it was before');
    await drill.isBack('disk full');
  });

  it.concurrent('the network is cut between arming and confirming', async (context) => {
    const drill = await Drill.begin('cut', context);
    const { code } = await deployUntil(drill.deployer, OPTIONS, /From outside: the door shuts again/, async () => {
      await drill.link('down');
    });
    expect(code).not.toBe(0);
    await drill.link('up');
    await drill.isBack('network cut');
    expect(await drill.enabled()).toBe('disabled');
  });

  it.concurrent('the network is cut while it is confirmed', async (context) => {
    const drill = await Drill.begin('confirm', context);
    const { code, stderr } = await deployUntil(drill.deployer, CONFIRMED, /Confirm: the trial ends/, async () => {
      await drill.link('down');
    });
    await drill.link('up');
    expect(code).not.toBe(0);
    expect(stderr).toContain('broke while it was being confirmed');
    // In force or not: this device gets in, and deploying again finishes it.
    const again = await drill.deployer.deploy(CONFIRMED);
    expect(`${again.code} ${again.stderr}`).toMatch(/^0 /);
    expect(await drill.enabled()).toBe('enabled');
    expect((await drill.deployer.knock()).code).toBe(0);
    expect(await drill.canLogIn()).toBe(true);
  });

  it.concurrent('the clock is wrong by a day', async (context) => {
    const drill = await Drill.begin('clock', context);
    const env = clockOff(86_400_000);
    const declined = await drill.deployer.deploy(OPTIONS.slice(1), { input: 'yes\nno\n', env });
    expect(declined.stderr).toMatch(/its clock is 8(6400\.\d|6399\.\d) s behind ours: here it is 20/);
    expect(declined.stderr).toContain('Nothing was changed');
    await drill.isBack('clock wrong by a day');
    const refused = await drill.deployer.deploy(OPTIONS, { env });
    expect(`${refused.code} ${refused.stderr}`).toMatch(/^13 .*--yes does not accept a wrong clock.*--accept-clock/s);
    await drill.isBack('clock wrong by a day, --yes');
    // An owner who goes on all the same has a gate that hears these knocks.
    const { code, stderr } = await drill.deployer.deploy([...CONFIRMED, '--accept-clock'], { env });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await isOpen(drill.target.pair.client, TARGET4, 22)).toBe(false);
    expect((await drill.deployer.run(['knock', 'target', '--force'], { env })).code).toBe(0);
    expect(await drill.canLogIn()).toBe(true);
  });
});
