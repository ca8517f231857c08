import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, until } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import type { Target } from '../rig/target.ts';

/** Lists traces of a deployment on such a system, without the gate's own folders. */
const TRACES =
  'find / -xdev -path /proc -prune -o -name "*knockgate*" -print | grep -v ^/home | sort; getent passwd knockgate';

/** A gate on a target that has no systemd: run by hand, as the report of the deployment says. */
export class WithoutService {
  readonly target: Target;
  readonly deployer: Deployer;
  /** Commands that the report tells root to type. */
  private recipe = '';

  constructor(target: Target) {
    this.target = target;
    this.deployer = new Deployer(target);
  }

  sh(script: string): Promise<string> {
    return this.target.must(['sh', '-c', script], { timeout: 60_000 });
  }

  traces(): Promise<string> {
    return this.sh(`${TRACES} || :`);
  }

  async isShut(): Promise<boolean> {
    return !(await isOpen(this.target.pair.client, TARGET4, 22));
  }

  /** Installs the gate, or a newer version of it, and notes the recipe. */
  async deploy(options: readonly string[] = []): Promise<string> {
    const usual = ['--yes', '--no-second-way', '--without-service'];
    const { code, stdout, stderr } = await this.deployer.deploy([...usual, ...options]);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    this.recipe = /Not in force yet[\s\S]*?\n\n((?: {4}.*\n)+)/.exec(stdout)?.[1] ?? '';
    expect(this.recipe).toContain('knockgated run');
    return stdout;
  }

  /**
   * Does as the report says.
   * @param trialSeconds how long the trial lasts; the report says ten minutes
   */
  async run(trialSeconds = 600): Promise<void> {
    const detached = this.recipe.replace('knockgated run', 'knockgated run </dev/null >/root/gate.log 2>&1 &');
    await this.sh(detached.replace('trial 600', `trial ${trialSeconds}`));
    await until('the port is hidden', () => this.isShut(), 30_000);
  }

  async pid(): Promise<string> {
    return String(JSON.parse(await this.target.must(['knockgated', 'status', '--json'])).pid);
  }

  end(): Promise<void> {
    this.deployer.discard();
    return this.target.end();
  }
}

/** Describes what holds on every system without systemd. */
export function describeWithoutService(title: string, boot: () => Promise<Target>): void {
  describe(title, () => {
    let gate: WithoutService;

    beforeAll(async () => {
      gate = new WithoutService(await boot());
    });

    afterAll(async () => {
      await gate?.end();
    });

    it('is left as it is, and told why', async () => {
      const before = await gate.traces();
      const { code, stderr } = await gate.deployer.deploy(['--yes', '--no-second-way']);
      expect(code).not.toBe(0);
      expect(stderr).toContain('not systemd');
      expect(stderr).toContain('--without-service');
      expect(await gate.traces()).toBe(before);
    });

    it('gets the gate without a service, when asked to: nothing is hidden before its owner runs it', async () => {
      expect(await gate.deploy()).toContain('Nothing is hidden, and nothing was started');
      expect(await gate.isShut()).toBe(false);
      expect(await gate.sh('ls -d /usr/lib/systemd/system/*knockgate* 2>/dev/null || :')).toBe('');
      await gate.run();
      expect((await gate.deployer.knock()).code).toBe(0);
      await gate.target.must(['knockgated', 'confirm']);
      expect((await gate.target.ssh('echo in')).stdout).toBe('in\n');
    });

    it('is as it was before, once the gate is removed', async () => {
      await gate.target.must(['kill', await gate.pid()]);
      const { code, stderr } = await gate.deployer.undeploy(['--yes']);
      expect(`${code} ${stderr}`).toMatch(/^0 /);
      expect(await gate.isShut()).toBe(false);
      expect(await gate.traces()).toBe('');
    });
  });
}
