import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { HOST } from '../rig/scene.ts';
import { sendSteps } from '../rig/steps.ts';
import { Installed } from './installed.ts';

/** Where a package may leave nothing; not what changes by itself, nor what dpkg keeps for itself. */
const FILES =
  'find / -xdev \\( -path /proc -o -path /run -o -path /tmp -o -path /root -o -path /var/log -o -path /var/tmp' +
  ' -o -path /var/lib/systemd -o -path /var/lib/dpkg -o -path /var/cache -o -path /etc/.pwd.lock \\) -prune -o -print | sort';

const BELL = ['tcp/7003', 'udp/7001', 'tcp/7005'];

describe('the package', () => {
  let gate: Installed;
  const run = (command: string) => gate.target.run(['sh', '-c', command]);
  const sums = async () => (await run('sha256sum /etc/knockgate/*')).stdout;

  beforeAll(async () => {
    gate = await Installed.make({ name: 'deb', kind: 'firewalls' });
  });

  afterAll(async () => {
    await gate?.end();
  });

  it('makes user, folders, configuration and key, and hides nothing', async () => {
    const { stdout } = await run('stat -c "%U:%G %a %n" /etc/knockgate /etc/knockgate/* /var/lib/knockgate');
    expect(stdout.trim().split('\n')).toEqual([
      'root:knockgate 750 /etc/knockgate',
      'root:knockgate 640 /etc/knockgate/gate.key',
      'root:knockgate 640 /etc/knockgate/gate.toml',
      'knockgate:knockgate 700 /var/lib/knockgate',
    ]);
    expect((await run('systemctl is-active knockgate; systemctl is-enabled knockgate knockgate-boot')).stdout).toBe(
      'inactive\ndisabled\ndisabled\n',
    );
    expect((await run('nft list ruleset')).stdout).toBe('');
    expect(await gate.isOpen()).toBe(true);
  });

  it.each(['man8/knockgated.8', 'man5/gate.toml.5'])('brings a manual page without faults: %s', async (page) => {
    const { code, stdout } = await run(`zcat /usr/share/man/${page}.gz | mandoc -Tlint -W warning`);
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  it('shows its manual by the name of the program, and completes its commands', async () => {
    expect((await run('MANWIDTH=100 man knockgated')).stdout).toMatch(/^ +client add LINE/m);
    expect((await run('man -k knockgated')).stdout).toContain('knockgated (8)');
    const complete = '. /usr/share/bash-completion/completions/knockgated; COMP_WORDS=(knockgated st); COMP_CWORD=1';
    const asked = `bash -c '${complete}; _knockgated; echo "\${COMPREPLY[@]}"'`;
    expect((await run(asked)).stdout).toBe('status\n');
  });

  it('comes with a manual of the client without faults', async () => {
    const input = readFileSync(resolve('dist/knockgate.1'));
    const { code, stdout } = await gate.target.run(['mandoc', '-Tlint', '-W', 'warning'], { input });
    expect(`${code} ${stdout}`).toBe('0 ');
  });

  it.each(['knockgate', 'knockgate-boot'])('has no more rights than it needs: %s.service', async (unit) => {
    const { stdout } = await run(`systemd-analyze security --offline=true /usr/lib/systemd/system/${unit}.service`);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    expect(exposure).toBeLessThanOrEqual(1.5);
    expect((await run(`systemd-analyze --man=no verify ${unit}.service`)).stderr).toBe('');
  });

  it('is armed as its manual says, on trial first', async () => {
    await gate.daemon('trial', '60');
    await gate.target.must(['systemctl', 'start', 'knockgate']);
    expect(await gate.isOpen()).toBe(false);
    expect(await gate.knock()).toBe(true);
    expect((await gate.target.ssh('echo in')).stdout).toBe('in\n');
    await gate.daemon('confirm');
    await gate.target.must(['systemctl', 'enable', 'knockgate', 'knockgate-boot']);
    expect((await gate.status()).trial).toBeNull();
  });

  it('runs actions by a unit of its own, as their user, without the daemon’s rights and without root’s', async () => {
    const action = ['[[action]]', 'name = "who"', 'user = "games"', 'open = ["/bin/cat", "/proc/self/status"]'];
    const bell = ['[[sequence]]', 'name = "bell"', `steps = ${JSON.stringify(BELL)}`, 'action = "who"'];
    const text = ['actions = ["who"]', ...action, ...bell, ''].join('\n');
    await gate.target.must(
      ['sh', '-c', 'cp -p /etc/knockgate/gate.toml /root/before; cat >> /etc/knockgate/gate.toml'],
      {
        input: text,
      },
    );
    await gate.target.must(['systemctl', 'enable', '--now', 'knockgate-action.socket']);
    await gate.target.must(['systemctl', 'reload', 'knockgate']);
    expect((await run('stat -c "%U:%G %a" /run/knockgate-action')).stdout).toBe('root:knockgate 660\n');
    expect((await gate.client.run(['knock', HOST, '--action', 'who'])).code).toBe(0);
    const journal = await gate.target.journal('knockgate');
    expect(journal).toMatch(/"event":"action-opened".*"action":"who"/);
    const said = await gate.target.journal('knockgate-action@*');
    const uid = (await run('id -u games')).stdout.trim();
    expect(said).toMatch(new RegExp(`Uid:(\\s+${uid}){4}$`, 'm'));
    expect(said).toMatch(/CapEff:\s+0{16}$/m);
    expect(said).toMatch(/NoNewPrivs:\s+1$/m);
    expect((await run('systemd-analyze --man=no verify knockgate-action.socket')).stderr).toBe('');
    await sendSteps(gate.target.pair.client, TARGET4, BELL);
    const rang = async () =>
      /"event":"action-opened","client":"bell".*"action":"who"/.test(await gate.target.journal('knockgate'));
    await until('a sequence of ports runs it', rang, 20_000);
    await gate.target.must(['sh', '-c', 'echo mistake >> /etc/knockgate/gate.toml']);
    expect((await run('systemctl reload knockgate')).code).not.toBe(0);
    expect(await gate.target.journal('knockgate')).toMatch(/knockgated: .*gate\.toml:\d+: /);
    await gate.target.must(['sh', '-c', 'cp -p /root/before /etc/knockgate/gate.toml && systemctl reload knockgate']);
  });

  it('keeps configuration, key and clients through an upgrade, and runs the new version', async () => {
    const [before, pid] = [await sums(), await gate.mainPid()];
    expect(await gate.install('9.9.9')).not.toContain('Configuration file');
    expect(await sums()).toBe(before);
    expect(await gate.mainPid()).not.toBe(pid);
    expect((await run('systemctl is-enabled knockgate')).stdout).toBe('enabled\n');
    await gate.shut();
    expect(await gate.isOpen()).toBe(false);
    expect(await gate.knock()).toBe(true);
  });

  it('does not replace the daemon that runs when the new version refuses the configuration', async () => {
    const pid = await gate.mainPid();
    await run('cp -p /etc/knockgate/gate.toml /root/good && echo mistake >> /etc/knockgate/gate.toml');
    await gate.install('9.9.10');
    expect(await gate.mainPid()).toBe(pid);
    await run('cp -p /root/good /etc/knockgate/gate.toml');
  });

  it('shows the ports when it is removed, also after the next boot, and keeps the configuration', async () => {
    await gate.shut();
    const before = await sums();
    // Saved as nft lists it, and written by hand.
    await run(
      'nft list ruleset >/etc/nftables.conf; mkdir -p /etc/nftables.d; echo "add table inet knockgate" >/etc/nftables.d/own',
    );
    expect((await run('cat /etc/nftables.conf')).stdout).toContain('table inet knockgate {');
    const { stderr } = await run('dpkg --remove knockgate');
    expect((await run('cat /etc/nftables.conf')).stdout).not.toContain('knockgate');
    expect(stderr).toContain('/etc/nftables.d/own still holds the gate');
    expect(stderr).not.toContain('/etc/nftables.conf still holds');
    await run('rm -r /etc/nftables.d');
    expect(await gate.isOpen()).toBe(true);
    expect((await run('nft list ruleset')).stdout).toBe('');
    expect((await run('systemctl list-unit-files "knockgate*" --no-legend')).stdout).toBe('');
    expect(await sums()).toBe(before);
  });

  it('leaves nothing when it is purged', async () => {
    await gate.target.must(['dpkg', '--purge', 'knockgate']);
    const after = (await run(FILES)).stdout;
    expect((await run('getent passwd knockgate; getent group knockgate; find / -xdev -nouser')).stdout).toBe('');
    expect(after.split('\n').filter((path) => path.includes('knockgate'))).toEqual([]);
    // All that a second installation adds goes with it again, whatever its name.
    await gate.install();
    expect((await run(FILES)).stdout).not.toBe(after);
    await gate.target.must(['dpkg', '--purge', 'knockgate']);
    expect((await run(FILES)).stdout).toBe(after);
  });
});
