import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import { until } from '../rig/deployment.ts';
import { CLIENT4, exec, processesIn, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { end, named } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

describe('settings of gate.toml', () => {
  let scene: Scene;

  afterEach(async () => {
    await scene.end();
  });

  const sixFor = (host: string) => (host.includes(':') ? ['-6'] : []);
  const pings = async (host: string) => {
    const once = ['nmap', '-sn', '-n', '-PE', '--disable-arp-ping', '--max-retries', '1', ...sixFor(host), host];
    return (await run(scene.pair.client, once)).stdout.includes('Host is up');
  };

  it('trusted_networks are never gated', async () => {
    scene = await Scene.make({ name: 'trusted', settings: { trusted_networks: ['192.0.2.0/24'] } });
    expect(await scene.isOpen(TARGET4)).toBe(true);
    expect(await scene.isOpen(TARGET6)).toBe(false);
    await scene.reconfigure({}, { trusted_networks: ['2001:db8::/64'] });
    expect(await scene.isOpen(TARGET4)).toBe(false);
    expect(await scene.isOpen(TARGET6)).toBe(true);
  });

  it('trusted_interfaces are never gated', async () => {
    scene = await Scene.make({ name: 'iface', settings: { trusted_interfaces: ['wg0', 'eth0'] } });
    expect(await scene.isOpen(TARGET4)).toBe(true);
    await scene.reconfigure({}, { trusted_interfaces: ['wg0'] });
    expect(await scene.isOpen(TARGET4)).toBe(false);
  });

  it('echo requests are answered or dropped, and neighbours found either way', async () => {
    scene = await Scene.make({ name: 'echo', settings: { ports: ['tcp/*', 'udp/*'] } });
    expect(await pings(TARGET4)).toBe(true);
    expect(await pings(TARGET6)).toBe(true);
    await scene.reconfigure({}, { ports: ['tcp/*', 'udp/*'], echo: 'drop' });
    expect(await pings(TARGET4)).toBe(false);
    expect(await pings(TARGET6)).toBe(false);
    await run(scene.pair.client, ['ip', '-6', 'neigh', 'flush', 'all']);
    expect(await scene.outcome(scene.seal({ to: TARGET6 }), { host: TARGET6 })).toMatchObject({ event: 'granted' });
    expect(await scene.isOpen(TARGET6)).toBe(true);
  });

  it('daemon_dead = "open" shows the ports some time after the last heartbeat, by the kernel alone', async () => {
    const after = 10;
    scene = await Scene.make({ name: 'dead', settings: { daemon_dead: 'open', daemon_dead_after: after } });
    const remaining = async () => (await setElements(scene.pair.target, 'gated'))[0]?.expires ?? 0;
    // Renewed every few seconds by the daemon …
    let before = await remaining();
    const isRenewed = async () => {
      const now = await remaining();
      const isMore = now > before;
      before = now;
      return isMore;
    };
    await until('the heartbeat', isRenewed, 30_000);
    expect(await scene.isOpen()).toBe(false);
    // … and by nobody else.
    await scene.gate.kill9();
    const left = await remaining();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(after);
    await until('the ports are shown', () => scene.isOpen(), 30_000);
  });

  it('[[always_open]] shows ports at its times, by the kernel’s clock, with the daemon killed', async () => {
    scene = await Scene.make({ name: 'window', settings: { ports: ['tcp/22', 'tcp/23'] } });
    const text = readFileSync(scene.gate.configFile, 'utf8');
    const at = (ms: number) => new Date(ms).toISOString().slice(11, 19);
    const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
    const window = async (from: number, until: number, days: readonly string[], ports = ['tcp/22']) => {
      const since = scene.gate.events.length;
      const lines = [`from = "${at(from)}"`, `until = "${at(until)}"`];
      const lists = [`days = ${JSON.stringify(days)}`, `ports = ${JSON.stringify(ports)}`];
      scene.gate.configureText(`${text}\n[[always_open]]\n${[...lines, ...lists].join('\n')}\n`);
      scene.gate.reload();
      await scene.gate.audit(({ event }) => event === 'reloaded', 10_000, since);
    };
    const now = Date.now();
    const [HOUR, DAY] = [3_600_000, 86_400_000];
    const today = new Date(now - HOUR).getUTCDay();
    const others = DAYS.filter((_, i) => i !== today);
    await window(now - HOUR, now + HOUR, others);
    expect(await scene.isOpen()).toBe(false);
    await window(now + HOUR, now - HOUR, DAYS);
    expect(await scene.isOpen()).toBe(false);
    await window(now - HOUR, now + HOUR, DAYS, ['tcp/23']);
    expect(await scene.isOpen()).toBe(false);
    await window(now - HOUR, now + HOUR, [DAYS[today] ?? '']);
    expect(await scene.isOpen()).toBe(true);
    const end = Date.now() + 8000;
    await window(end - DAY / 2, end, DAYS);
    await scene.gate.kill9();
    expect(await scene.isOpen()).toBe(true);
    await until('the window is over', async () => !(await scene.isOpen()), 30_000);
    expect(Date.now()).toBeGreaterThanOrEqual(end - 1000);
  });

  it('a knock port on which a program listens is named in the audit log', async () => {
    scene = await Scene.make({ name: 'taken', start: false });
    const script = "require('dgram').createSocket('udp6').bind(443, () => console.log('bound'))";
    const listener = exec(scene.pair.target, [process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => listener.stdout?.once('data', resolve));
    await scene.gate.start();
    const warned = await scene.gate.audit(({ event }) => event === 'knock-port-taken');
    expect(warned.detail).toContain('a program listens on UDP 443');
    await end(listener);
  });

  it('capture = "socket" works without tcpdump, and still answers nobody', async () => {
    scene = await Scene.make({
      name: 'socket',
      settings: { capture: 'socket', knock_ports: [62201], ports: ['tcp/*', 'udp/*'] },
    });
    expect(named(processesIn(scene.pair.target), 'tcpdump')).toEqual([]);
    const watch = await capture(scene.pair.client, `ip and src host ${TARGET4}`);
    const datagram = scene.seal();
    expect(await scene.outcome(datagram, { port: 62201 })).toMatchObject({ event: 'granted', source: CLIENT4 });
    const { packets } = await scene.status();
    await scene.flood({ count: 500, port: 62201 });
    await scene.flood({ count: 10, port: 62201, bodies: [datagram] });
    // The daemon hears three packets of one tag.
    const heard = { received: packets.received + 2, unmatched: packets.unmatched + 2 };
    expect((await scene.status()).packets).toEqual({ ...packets, ...heard });
    const answers = (await watch.stop()).packets;
    expect(answers).toBe(0);
    expect(await scene.outcome(scene.seal({ to: TARGET6 }), { port: 62201, host: TARGET6 })).toMatchObject({
      event: 'granted',
    });
    expect(await scene.isOpen(TARGET6)).toBe(true);
  });
});
