import { afterEach, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import { CLIENT4, exec, processesIn, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { end, named, sleep } from '../rig/process.ts';
import { Scene } from './scene.ts';

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
    expect(await scene.outcome(scene.seal(), { host: TARGET6 })).toMatchObject({ event: 'granted' });
    expect(await scene.isOpen(TARGET6)).toBe(true);
  });

  it('daemon_dead = "open" lets the hidden ports time out without a heartbeat', async () => {
    scene = await Scene.make({ name: 'dead', settings: { daemon_dead: 'open' } });
    const remaining = async () => (await setElements(scene.pair.target, 'gated')).map(({ expires }) => expires ?? 0);
    await sleep(2000);
    expect(await remaining()).toEqual([expect.any(Number)]);
    // Renewed every few seconds by the daemon …
    await sleep(9000);
    const [renewed = 0] = await remaining();
    expect(renewed).toBeGreaterThan(900 - 8);
    // … and by nobody else.
    await scene.gate.kill9();
    await sleep(5000);
    const [left = 0] = await remaining();
    expect(left).toBeLessThan(900 - 4);
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
    expect((await scene.status()).packets).toEqual(packets);
    const answers = (await watch.stop()).packets;
    expect(answers).toBe(0);
    expect(await scene.outcome(scene.seal(), { port: 62201, host: TARGET6 })).toMatchObject({ event: 'granted' });
    expect(await scene.isOpen(TARGET6)).toBe(true);
  });
});
