import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOCKERS } from '../../bench/turns.ts';
import { installOwnDebs } from '../rig/debs.ts';
import { until } from '../rig/deployment.ts';
import { CLIENT4, CLIENT6, TARGET4, TARGET6 } from '../rig/netns.ts';
import { nmap } from '../rig/nmap.ts';
import { sleep } from '../rig/process.ts';
import { figure, Installed } from './installed.ts';

const [STRANGER = ''] = KNOCKERS;
const CONFIG = '/etc/knockgate/gate.toml';
const DECOY = `
[[decoy]]
port = "tcp/22"
to = 2222

[[alert]]
name = "visitors"
events = ["decoy-visited"]
run = ["/usr/bin/logger", "--tag", "visitors"]
user = "nobody"
`;

/** Debian's endlessh on a booted target, as docs/decoy.md sets it up. */
describe('a gate whose hidden port leads strangers to endlessh', () => {
  let gate: Installed;
  const sh = (command: string, input = '') => gate.target.must(['sh', '-c', command], { timeout: 60_000, input });
  const visits = async (source: string) =>
    (await sh('journalctl -u knockgate -o cat --no-pager'))
      .split('\n')
      .filter((line) => line.includes('"decoy-visited"') && line.includes(`"source":"${source}"`));

  beforeAll(async () => {
    gate = await Installed.armed({ name: 'decoy', clientAddresses: [`${STRANGER}/24`] });
    await installOwnDebs(gate.target, ['endlessh']);
    await sh(`cat >>${CONFIG}`, DECOY);
    // The test's target cannot hide /run and /var from a unit, nor make a namespace of users. Visits are in endlessh's own log only if it is told to write them.
    await sh('mkdir -p /etc/systemd/system/endlessh.service.d /etc/endlessh && echo LogLevel 1 >/etc/endlessh/config');
    await sh(
      'cat >/etc/systemd/system/endlessh.service.d/rig.conf',
      '[Service]\nPrivateUsers=no\nInaccessiblePaths=\n',
    );
    await sh('systemctl daemon-reload && systemctl enable endlessh && systemctl restart endlessh');
    await until('endlessh', async () => !(await gate.daemon('check')).includes('decoy'), 30_000);
    await sh('systemctl enable --now knockgate-action.socket && systemctl reload knockgate');
  }, 300_000);
  afterAll(() => gate?.end());

  it.each([
    ['IPv4', CLIENT4, [TARGET4]],
    ['IPv6', CLIENT6, ['-6', TARGET6]],
  ])('shows endlessh to a version scan over %s, and names the visitor', async (_, visitor, host) => {
    // It asks twice within the 0.9 s in which a late knock may still come.
    expect((await nmap(gate.target.pair.client, ['-p', '22', ...host])).ports).toMatchObject([{ state: 'filtered' }]);
    await sleep(1000);
    // endlessh holds a version scan too: with all its probes it takes minutes.
    const args = ['-sV', '--version-light', '-p', '22', ...host];
    const scan = await nmap(gate.target.pair.client, args, 200_000);
    expect(scan.ports).toMatchObject([{ port: 22, state: 'open', reason: 'syn-ack' }]);
    expect(scan.xml).not.toContain('OpenSSH');
    await until('the visit', async () => (await visits(visitor)).length > 0, 10_000);
    const [visit = '{}', ...others] = await visits(visitor);
    expect(JSON.parse(visit)).toMatchObject({ event: 'decoy-visited', source: visitor, ports: ['tcp/22'] });
    expect(others).toEqual([]);
    expect(await sh('journalctl -u endlessh -o cat --no-pager')).toMatch(
      new RegExp(`ACCEPT host=(::ffff:)?${visitor} `),
    );
    figure(`version scan: ${/<service [^>]*>/.exec(scan.xml)?.[0] ?? 'no service'}`);
  });

  it('runs an alert that names both visitors', async () => {
    const told = () => sh('journalctl -t visitors -o cat --no-pager');
    // The second visit comes within the minute in which the alert does not run again.
    await until('the alert', async () => (await told()).includes(CLIENT6), 90_000);
    const reports = (await told())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const entries = reports.flatMap(({ events }) => events.flatMap(({ entries }: { entries: object[] }) => entries));
    expect(entries).toMatchObject([CLIENT4, CLIENT6].map((source) => ({ event: 'decoy-visited', source })));
  });

  it('hides the port of endlessh', async () => {
    for (const host of [[TARGET4], ['-6', TARGET6]]) {
      const { ports } = await nmap(gate.target.pair.client, ['-p', '2222', ...host]);
      expect(ports).toMatchObject([{ state: 'filtered' }]);
    }
  });

  it('lets a granted client log in to sshd', async () => {
    expect(await gate.knock()).toBe(true);
    expect(await gate.target.ssh('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
    await gate.shut();
  });

  it('can be saved, loaded again by this nft, and come back with a boot', async () => {
    await sh('nft list ruleset | nft -c -f -');
    await sh('nft -c -f /var/lib/knockgate/boot.nft');
    expect(await sh('cat /var/lib/knockgate/boot.nft')).not.toContain('decoy');
    figure(await sh('nft --version'));
    await gate.target.reboot();
    // The gate knows the client's own addresses since it has knocked, and leads them nowhere.
    const scan = () => nmap(gate.target.pair.client, ['-S', STRANGER, '-e', 'eth0', '-p', '22', TARGET4]);
    await until('the decoy', async () => (await scan()).ports[0]?.state === 'open', 60_000);
    expect(await gate.knock()).toBe(true);
    expect(await gate.target.ssh('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
    await gate.shut();
  });

  it('leads nobody anywhere on trial that is over, and is gone with the package', async () => {
    await gate.daemon('trial', '10');
    await sh('systemctl restart knockgate');
    await until('the port is shown', async () => (await gate.target.ssh('echo in')).code === 0, 60_000);
    expect(await sh('nft list tables')).not.toContain('knockgate');
    await sh('dpkg --purge knockgate');
    expect(await gate.target.ssh('echo in')).toMatchObject({ code: 0 });
  });
});
