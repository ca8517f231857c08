import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { Deployer, deployUntil, runUntil, until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { must } from '../rig/process.ts';
import { Target } from '../rig/target.ts';
import { NEWER, newerProgram } from './newer-program.ts';

const OPTIONS = ['--yes', '--no-second-way', '--trial', '30'];

/** A target with a gate, confirmed and of the present version. */
class Upgrade {
  readonly target: Target;
  readonly deployer: Deployer;
  before = { version: '', config: '', key: '', openpgp: '' };

  private constructor(target: Target) {
    this.target = target;
    this.deployer = new Deployer(target);
  }

  static async begin(name: string, { onTestFinished }: TestContext): Promise<Upgrade> {
    const upgrade = new Upgrade(await Target.boot({ name }));
    onTestFinished(async () => {
      upgrade.deployer.discard();
      await upgrade.target.end();
    });
    const { code, stderr } = await upgrade.deployer.deploy(OPTIONS);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    upgrade.before = await upgrade.state();
    upgrade.deployer.program = newerProgram(upgrade.deployer.program);
    return upgrade;
  }

  async state() {
    const { target } = this;
    return {
      version: (await target.must(['knockgated', '--version'])).trim(),
      config: await target.must(['cat', '/etc/knockgate/gate.toml']),
      key: await target.must(['knockgated', 'key', '--address', TARGET4]),
      openpgp: await target.must(['sha256sum', '/usr/lib/knockgate/openpgp.min.cjs']),
    };
  }

  /** The version before is in force: hidden, knockable, and there at the next boot; nothing of the upgrade is left. */
  async isBack(): Promise<void> {
    const { target, deployer } = this;
    const inForce = async () => (await target.run(['knockgated', 'status', '--json'])).stdout.includes('"trial":null');
    await until('the previous gate is in force', inForce, 30_000);
    expect(await this.state()).toEqual(this.before);
    expect((await target.must(['systemctl', 'is-enabled', 'knockgate', 'knockgate-boot'])).trim()).toBe(
      'enabled\nenabled',
    );
    await target.must(['knockgated', 'flush']);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);
    expect((await deployer.knock()).code).toBe(0);
    const left = 'ls -d /usr/lib/knockgate/* /usr/lib/systemd/system/knockgate* /run/knockgate-*';
    expect((await target.run(['sh', '-c', left])).stdout).not.toMatch(/before|rollback|trial|-new/);
  }
}

/**
 * In front of the daemon's program on a target, once: makes a new key, and ends the connection that asked for it before anything is
 * answered. OpenSSH 9.8 and later serve a connection in sshd-session.
 */
const CUT_OFF = `#!/bin/sh
test "$1" = rotate || exec /usr/sbin/knockgated "$@"
rm "$0"
/usr/sbin/knockgated "$@" >/dev/null
pid=$$
until case $(cat /proc/$pid/comm) in sshd*) true;; *) test "$pid" -le 1;; esac; do pid=$(sed -n 's/^PPid:\\t//p' /proc/$pid/status); done
kill -9 $pid
`;

/** `knockgate gate target -- rotate`, with options. */
function rotation({ config }: Deployer, ...options: string[]): string[] {
  return ['gate', 'target', '--ssh-config', config, '--', 'rotate', ...options];
}

describe('an upgrade, and a rotation of the gate’s key', () => {
  it.concurrent('keeps key and clients, says what it changed, and is rolled back when it is interrupted', async (context) => {
    const upgrade = await Upgrade.begin('up', context);
    const { deployer, target, before } = upgrade;
    const stopped = await deployUntil(deployer, OPTIONS, /From outside: the port is closed/, async (child) => {
      child.kill('SIGINT');
    });
    expect(stopped.stderr).toContain('target is as it was before');
    await upgrade.isBack();
    const start = performance.now();
    const { code, stdout, stderr } = await deployer.deploy(OPTIONS);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    figure(`an upgrade, tried from outside: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    expect(stdout).toContain(`went from version 0.1.0 to ${NEWER}`);
    expect(stdout).toContain('  replaced /usr/lib/knockgate/knockgated.cjs');
    expect(stdout).toContain('  wrote /usr/lib/knockgate/knockgated-new.cjs');
    expect(stdout).toContain('  kept: the gate’s key, its clients, gate.toml');
    expect(stdout).toContain('  replaced /usr/lib/knockgate/openpgp.min.cjs');
    const present = await upgrade.state();
    expect(present).toEqual({ ...before, version: `knockgated ${NEWER}`, openpgp: present.openpgp });
    expect(present.openpgp).not.toBe(before.openpgp);
    const enabled = ['systemctl', 'is-enabled', 'knockgate', 'knockgate-boot', 'knockgate-new'];
    expect((await target.must(enabled)).trim()).toBe('enabled\nenabled\nenabled');
    await target.must(['knockgated', 'flush']);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);

    // A device that has not heard of the gate's new key is heard for some days more.
    const rotate = (...options: string[]) => deployer.run(rotation(deployer, ...options));
    const other = new Deployer(target);
    context.onTestFinished(() => other.discard());
    cpSync(join(deployer.home, '.config'), join(other.home, '.config'), { recursive: true });
    const knocks = async (who: Deployer) => {
      await target.must(['knockgated', 'flush']);
      return (await who.run(['knock', 'target', '--force', '--timeout', '3'])).code === 0;
    };
    const rotated = await rotate('--days', '2');
    expect(`${rotated.code} ${rotated.stderr}`).toMatch(/^0 /);
    expect(rotated.stdout).toContain('the gate accepted its knock');
    const key = await target.must(['knockgated', 'key', '--address', TARGET4]);
    expect(key).not.toBe(before.key);
    expect(readFileSync(join(deployer.home, '.config/knockgate/hosts.toml'), 'utf8')).toContain(key.split(' ')[2]);
    expect([await knocks(deployer), await knocks(other)]).toEqual([true, true]);
    expect((await rotate()).stderr).toContain('rotation is in progress');
    expect((await rotate('--finish')).stdout).toContain('Only this key is valid');
    expect([await knocks(deployer), await knocks(other)]).toEqual([true, false]);
  });

  it.concurrent('that nobody confirms goes back to the version before, by itself, after a boot too', async (context) => {
    const upgrade = await Upgrade.begin('back', context);
    const { deployer, target } = upgrade;
    const kill = () =>
      deployUntil(deployer, OPTIONS, /From outside: the port is closed/, async (child) => {
        child.kill('SIGKILL');
      });
    /** Seconds until the host rolls back. The test does not wait for it. */
    const goBackNow = async () => {
      const show = [
        'systemctl',
        'show',
        '--value',
        '-p',
        'ActiveState',
        '-p',
        'TimersMonotonic',
        'knockgate-rollback.timer',
      ];
      expect(await target.must(show)).toMatch(/OnActiveUSec=40s[\s\S]*active/);
      await target.must(['systemctl', 'start', 'knockgate-rollback.service']);
    };
    await kill();
    expect((await upgrade.state()).version).toBe(`knockgated ${NEWER}`);
    await goBackNow();
    await upgrade.isBack();

    await kill();
    await target.powerCycle();
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(true);
    await goBackNow();
    await upgrade.isBack();

    // A new key with which the gate heard nobody is not kept either.
    const silence = ['ip', 'netns', 'exec', target.pair.client, 'nft'];
    const mute =
      'add table inet mute; add chain inet mute out { type filter hook output priority 0; }; add rule inet mute out meta l4proto udp drop';
    const { code, stderr } = await runUntil(deployer, rotation(deployer), /Make a new key/, async () => {
      await must([...silence, mute]);
    });
    await must([...silence, 'delete table inet mute']);
    expect(`${code} ${stderr}`).toMatch(/^11 [\s\S]*have the previous key again/);
    await upgrade.isBack();

    // Nor is a key whose line nobody got, because the connection broke in that second.
    await target.must(['sh', '-c', 'cat >"$1" && chmod 755 "$1"', 'sh', '/usr/local/sbin/knockgated'], {
      input: CUT_OFF,
    });
    const cut = await deployer.run(rotation(deployer));
    expect(`${cut.code} ${cut.stderr}`).toMatch(/^11 [\s\S]*have the previous key again/);
    expect((await target.run(['test', '-e', '/usr/local/sbin/knockgated'])).code).toBe(1);
    expect(await target.must(['knockgated', 'status'])).toMatch(/previous_key: *no/);
    await upgrade.isBack();
  });
});
