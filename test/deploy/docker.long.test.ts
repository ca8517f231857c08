import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installOwnDebs } from '../rig/debs.ts';
import { Deployer, until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, exec, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { ended, signalQuietly } from '../rig/process.ts';
import { systemIn } from '../rig/target.ts';
import { Installed } from './installed.ts';

/** Packages of the target's own release of Debian; it needs no network to run a container of one static program. */
const PACKAGES = ['docker.io', 'crun', 'busybox-static'];
/** Debian 12 has the command in the package of the daemon. */
const COMMAND = systemIn(process.env) === 'bookworm' ? [] : ['docker-cli'];

/** More than a target usually may, as a host of containers can: to make namespaces, and keys of a session. */
const MACHINE = ['--capability=all', '--system-call-filter=add_key keyctl bpf'];

/** A target has its control groups read-only, so that containers get none; and its disk is of layers already. */
const DAEMON_JSON = JSON.stringify({
  'storage-driver': 'vfs',
  'default-runtime': 'crun-alone',
  runtimes: { 'crun-alone': { path: '/usr/bin/crun', runtimeArgs: ['--cgroup-manager=disabled'] } },
});

const IMAGE = `mkdir -p /root/image/bin /root/image/www && cp /bin/busybox /root/image/bin/ && echo "from a container" >/root/image/www/index.html
tar -C /root/image -c . | docker import - web`;
const PUBLISHED = 8080;
const UNNAMED = 9090;

/** Docker as Debian has it: 20.10 in Debian 12, 26.1 in Debian 13. Both set up iptables-nft. */
describe('beside Docker, with a published port', () => {
  let gate: Installed;
  const sh = (command: string) => gate.target.must(['sh', '-c', command], { timeout: 120_000 });
  /** Everything but our table, without counts. Docker makes its chains in no certain order. */
  const theirs = async () => {
    const tables = (await sh('nft -s list ruleset')).split(/^(?=table )/m);
    return tables.filter((table) => !table.startsWith('table inet knockgate ')).sort();
  };
  const isPublished = (host: string = TARGET4, port = PUBLISHED) => isOpen(gate.target.pair.client, host, port);
  const page = async (host: string, port = PUBLISHED) => {
    const program = `fetch('http://${host}:${port}/').then((answer) => answer.text()).then((text) => console.log(text))`;
    return (await run(gate.target.pair.client, [process.execPath, '-e', program])).stdout.trim();
  };
  const publish = (port: number) =>
    sh(`docker run -d --restart always --name on${port} -p ${port}:80 web /bin/busybox httpd -f -p 80 -h /www`);

  async function opensToAKnockAlone(): Promise<void> {
    expect([await gate.isOpen(), await isPublished(), await isPublished(TARGET6)]).toEqual([false, false, false]);
    await gate.untilKnockable(performance.now());
    expect([await gate.isOpen(), await page(TARGET4)]).toEqual([true, 'from a container']);
    await gate.shut();
    expect([await gate.isOpen(), await isPublished()]).toEqual([false, false]);
  }

  beforeAll(async () => {
    const settings = { ports: ['tcp/22', `tcp/${PUBLISHED}`] };
    gate = await Installed.make({ name: 'docker', kind: 'firewalls', machine: MACHINE, settings });
    await sh(`mkdir -p /etc/docker && echo '${DAEMON_JSON}' >/etc/docker/daemon.json`);
    // Docker turns forwarding on.
    await sh('mount -o remount,rw,bind /proc/sys');
    await installOwnDebs(gate.target, [...PACKAGES, ...COMMAND]);
    await sh(IMAGE);
    await publish(PUBLISHED);
    figure(`${(await sh('docker --version')).trim()}, ${(await sh('iptables --version')).trim()}`);
  });

  afterAll(async () => {
    await gate?.end();
  });

  it('is set up: the preflight names Docker and stops for nothing', async () => {
    expect([await gate.isOpen(), await page(TARGET4), await page(`[${TARGET6}]`)]).toEqual([
      true,
      'from a container',
      'from a container',
    ]);
    expect((await theirs()).join('')).toContain(`dnat to 172.17.0.2:80`);
    // It was installed as a package, which is the one thing that stands in the way.
    const deployer = new Deployer(gate.target);
    const { stdout } = await deployer.deploy(['--dry-run', '--hide', `tcp/22,tcp/${PUBLISHED}`]);
    deployer.discard();
    expect(stdout).toContain('docker is in force');
    expect(stdout.match(/^ {2}✗ .*$/gm)).toEqual([expect.stringContaining('a package has set up the gate here')]);
  });

  it('hides the published port and ssh, opens both to a knock, and leaves Docker’s rules as they were', async () => {
    const before = await theirs();
    await gate.daemon('trial', '600');
    await sh('systemctl start knockgate');
    await opensToAKnockAlone();
    await gate.daemon('confirm');
    expect(await theirs()).toEqual(before);
  });

  it('blocks no container on its way to other hosts, not even to a port with a hidden number', async () => {
    const program = `require('node:net').createServer((socket) => socket.end()).listen(${PUBLISHED})`;
    const listener = exec(gate.target.pair.client, [process.execPath, '-e', program], { stdio: 'ignore' });
    const connect = `docker exec on${PUBLISHED} /bin/busybox nc -w 5 ${CLIENT4} ${PUBLISHED} </dev/null`;
    try {
      await until(
        'the container reaches a host',
        async () => (await gate.target.run(['sh', '-c', connect])).code === 0,
        20_000,
      );
    } finally {
      signalQuietly(listener.pid ?? 0, 'SIGTERM');
      await ended(listener);
    }
  });

  it('hides what it was told to: a port that is published later is shown until gate.toml names it', async () => {
    await publish(UNNAMED);
    expect(await page(TARGET4, UNNAMED)).toBe('from a container');
    await sh(`sed -i 's|tcp/${PUBLISHED}|tcp/${PUBLISHED}", "tcp/${UNNAMED}|' /etc/knockgate/gate.toml`);
    await sh('systemctl reload knockgate');
    expect(await isPublished(TARGET4, UNNAMED)).toBe(false);
    await opensToAKnockAlone();
  });

  it('outlives a restart of Docker', async () => {
    const { restored } = await gate.status();
    await sh('systemctl restart docker');
    await opensToAKnockAlone();
    expect((await gate.status()).restored).toBe(restored);
  });

  it('puts back its own table after a flush, and Docker its own', async () => {
    const before = await theirs();
    await sh('nft flush ruleset');
    await until('the gate hides its ports again', async () => !(await gate.isOpen()), 30_000);
    expect(await theirs()).toEqual([]);
    await sh('systemctl restart docker');
    await opensToAKnockAlone();
    // Chains come in another order, and Docker drops what is forwarded only when it has turned forwarding on itself.
    const rules = (tables: string[]) => tables.join('').replace('policy drop', 'policy accept').split('\n').sort();
    expect(rules(await theirs())).toEqual(rules(before));
  });

  it('goes, and leaves Docker’s rules as they were', async () => {
    const before = await theirs();
    await sh('dpkg --purge knockgate');
    expect(await theirs()).toEqual(before);
    expect(await page(TARGET4)).toBe('from a container');
  });
});
