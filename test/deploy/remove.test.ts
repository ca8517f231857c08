import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target } from '../rig/target.ts';

/**
 * Lists the disk, but for what changes by itself: names, modes and owners; sizes, times and links below /usr, and what is
 * in the files elsewhere. `/etc/passwd-` and the like are what passwd(5) was one change ago, as every tool for users leaves it.
 */
const SNAPSHOT = `cd /
kept() { grep -Ev '^(\\S+  )?(etc/[a-z]+-|etc/.pwd.lock|var/lib/(apt|systemd|logrotate|private)\\b)' | sort; }
find usr -xdev ! -type d -printf '%p %m %u %g %s %T@ %l\\n' | kept
find etc var/lib opt home root usr -xdev \\( -type d -o -path 'usr/*' -prune -o -true \\) -printf '%p %m %u %g %l\\n' | kept
find etc var/lib opt home root -xdev -type f -exec sha256sum {} + | kept
systemctl list-unit-files --no-legend --no-pager | sort
nft list ruleset
getent passwd
getent group
ls -A /run | grep -i knock || :`;

/** Lines that the others do not have. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

describe('a gate that is removed', () => {
  let target: Target;
  let deployer: Deployer;

  beforeAll(async () => {
    target = await Target.boot({ name: 'remove', kind: 'ready' });
    deployer = new Deployer(target);
  });

  afterAll(async () => {
    deployer?.discard();
    await target?.end();
  });

  const snapshot = async () => (await target.must(['sh', '-c', SNAPSHOT], { timeout: 60_000 })).split('\n');

  it('leaves no file, user, unit or rule', async () => {
    await target.must(['sh', '-c', 'nft add table inet mine; nft add chain inet mine input']);
    // Saved as nft lists them, and written by hand.
    const save = () => target.must(['sh', '-c', 'nft list ruleset >/etc/nftables.conf']);
    await save();
    await target.must(['sh', '-c', 'mkdir -p /etc/nftables.d; echo "add table inet knockgate" >/etc/nftables.d/own']);
    const before = await snapshot();
    expect((await deployer.deploy(['--yes', '--no-second-way'])).code).toBe(0);
    expect((await snapshot()).length).toBeGreaterThan(before.length);
    expect(await target.must(['head', '-1', '/usr/share/man/man8/knockgated.8'])).toMatch(/^\.TH KNOCKGATED 8/);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);

    await save();
    expect(await target.must(['cat', '/etc/nftables.conf'])).toContain('table inet knockgate {');
    const plan = await deployer.undeploy(['--dry-run']);
    expect(plan.stdout).toContain('Removing the gate from target');
    expect(plan.stdout).toMatch(/Take the gate’s table out of the saved rules in \/etc\/nftables\.conf/);
    const { code, stdout, stderr } = await deployer.undeploy(['--yes', '--forget']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(stdout).toMatch(/^The gate on target is removed\n/);
    expect(stdout).toContain('tcp/22 answers without a knock');
    expect(stdout).toContain('/etc/nftables.d/own still holds the gate’s table');
    expect(stdout).not.toContain('/etc/nftables.conf still holds');
    expect(stderr).toContain('target is no longer in');
    const after = await snapshot();
    expect(without(after, before)).toEqual([]);
    expect(without(before, after)).toEqual([]);
    expect((await target.ssh('echo in')).stdout).toBe('in\n');
    // A second removal finds nothing.
    expect((await deployer.undeploy(['--yes'])).stderr).toContain('this server has no gate');
  });
});

describe('a gate that is set up again', () => {
  it('is left as it is; enrols another device; and is mended, with its key and clients kept', async () => {
    const target = await Target.boot({ name: 'again' });
    const alice = new Deployer(target);
    const carol = new Deployer(target);
    try {
      expect((await alice.deploy(['--yes', '--no-second-way', '--recovery-key', '/dev/null/x'])).code).toBe(2);
      expect((await alice.deploy(['--yes', '--no-second-way'])).code).toBe(0);
      const key = await target.must(['cat', '/etc/knockgate/gate.key']);
      const same = await alice.deploy(['--yes', '--no-second-way']);
      expect(`${same.stderr}${same.stdout}`).toContain('is as it should be');
      expect(same.stdout).toContain('  nothing');

      await target.must(['knockgated', 'grant', '192.0.2.1', '--seconds', '60']);
      const another = await carol.deploy(['--yes', '--no-second-way', '--name', 'target']);
      expect(`${another.stderr}${another.stdout}`).toContain('is as it should be');
      expect((await target.must(['knockgated', 'client', 'list', '--json'])).match(/"name"/g)).toHaveLength(2);

      const clients = await alice.run(['gate', 'target', '--ssh-config', alice.config, 'client', 'list']);
      expect(clients.stdout).toMatch(/^NAME [\s\S]*\n\S+-2 /);
      const status = await alice.run(['gate', 'target', '--ssh-config', alice.config, '--', 'status', '--json']);
      expect(JSON.parse(status.stdout)).toMatchObject({ hides: ['tcp/22'] });
      expect((await alice.run(['gate', 'target', 'run'])).code).toBe(2);

      await target.must(['sh', '-c', 'echo broken >/usr/lib/knockgate/knockgated.cjs']);
      const mended = await alice.deploy(['--yes']);
      expect(`${mended.stderr}${mended.stdout}`).toContain('replaced /usr/lib/knockgate/knockgated.cjs');
      expect(await target.must(['cat', '/etc/knockgate/gate.key'])).toBe(key);
      expect((await target.must(['knockgated', 'client', 'list', '--json'])).match(/"name"/g)).toHaveLength(2);
      expect((await target.run(['systemctl', 'is-enabled', 'knockgate'])).stdout).toBe('enabled\n');
      expect((await target.run(['sh', '-c', 'find / -xdev -name "*.knockgate-*"'])).stdout).toBe('');
    } finally {
      alice.discard();
      carol.discard();
      await target.end();
    }
  });
});
