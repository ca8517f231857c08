import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { CLIENT4, run } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { Scene } from '../rig/scene.ts';

describe('grants', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'regrant', settings: { ports: ['tcp/22', 'tcp/8000-8100', 'udp/*'] } });
  });

  afterEach(async () => {
    await scene.end();
  });

  /** Seconds left of each element of a set, as the kernel says. */
  async function secondsLeft(set: string): Promise<number[]> {
    const { stdout } = await run(scene.pair.target, ['nft', '-j', 'list', 'set', 'inet', 'knockgate', set]);
    return [...stdout.matchAll(/"expires": (\d+)/g)].map((match) => Number(match[1]));
  }

  const ssh = [{ protocol: 'tcp', port: 22 }] as const;

  it('are extended by a longer knock and not shortened by a shorter one', async () => {
    await scene.outcome(scene.seal({ ports: ssh, duration: 60 }));
    const [first = 0] = await secondsLeft('granted4');
    await scene.outcome(scene.seal({ ports: ssh, duration: 200 }));
    const [extended = 0] = await secondsLeft('granted4');
    await scene.outcome(scene.seal({ ports: ssh, duration: 20 }));
    const [kept = 0] = await secondsLeft('granted4');
    figure(`seconds left of one grant after knocks for 60, 200 and 20 s: ${first}, ${extended}, ${kept}`);
    expect(first).toBeGreaterThan(55);
    expect(first).toBeLessThanOrEqual(60);
    expect(extended).toBeGreaterThan(190);
    expect(kept).toBeGreaterThan(190);
    expect(await secondsLeft('granted4')).toHaveLength(1);
  });

  it('open what the client is allowed when it asks for nothing, whole ranges too', async () => {
    expect(await scene.outcome(scene.seal())).toMatchObject({
      event: 'granted',
      ports: ['tcp/22', 'tcp/8000-8100', 'udp/*'],
    });
    expect(await secondsLeft('granted_tcp_8000_8100_v4')).toHaveLength(1);
    await run(scene.pair.target, ['true']);
    const { stdout } = await scene.gate.cli(['list', '--json']);
    expect(
      JSON.parse(stdout)
        .map((grant: { port: string }) => grant.port)
        .sort(),
    ).toEqual(['tcp/22', 'tcp/8000-8100', 'udp/*'].sort());
  });

  it('are capped, made by hand, ended by hand', async () => {
    expect(await scene.outcome(scene.seal({ duration: 65_535 }))).toMatchObject({ seconds: 300 });
    expect((await scene.gate.cli(['revoke', 'alice-laptop'])).code).toBe(0);
    expect(await scene.isOpen()).toBe(false);
    expect((await scene.gate.cli(['grant', CLIENT4, '--port', 'tcp/22', '--seconds', '60'])).code).toBe(0);
    expect(await scene.isOpen()).toBe(true);
    expect((await scene.gate.cli(['list'])).stdout).toMatch(/by hand +192\.0\.2\.1 +tcp\/22/);
    expect((await scene.gate.cli(['flush'])).code).toBe(0);
    expect(await scene.isOpen()).toBe(false);
    expect((await scene.gate.cli(['grant', 'localhost'])).stderr).toContain('the IPv4 or IPv6 address of one host');
    expect((await scene.gate.cli(['grant', CLIENT4, '--port', 'tcp/80'])).code).toBe(2);
  });
});

describe('grants for an IPv6 network', () => {
  it('let in the whole /64 that knocked, and nobody else', async () => {
    const scene = await Scene.make({
      name: 'prefix',
      settings: { ipv6_prefix: 64 },
      clientAddresses: ['2001:db8::abcd/64', '2001:db8:1::1/64'],
    });
    try {
      await run(scene.pair.target, ['ip', 'route', 'add', '2001:db8:1::/64', 'dev', 'eth0']);
      expect(await scene.outcome(scene.seal({ to: '2001:db8::2' }), { host: '2001:db8::2' })).toMatchObject({
        event: 'granted',
      });
      expect((await setElements(scene.pair.target, 'granted6')).map(({ key }) => key)).toEqual([
        ['2001:db8::', 'tcp', 22],
      ]);
      const reach = async (source: string) =>
        (
          await run(scene.pair.client, [
            'timeout',
            '2',
            'ssh',
            '-b',
            source,
            '-o',
            'BatchMode=yes',
            '-o',
            'StrictHostKeyChecking=no',
            '-o',
            'UserKnownHostsFile=/dev/null',
            '-o',
            'ConnectTimeout=1',
            '2001:db8::2',
            'true',
          ])
        ).stderr;
      expect(await reach('2001:db8::abcd')).toMatch(/Permission denied/);
      expect(await reach('2001:db8:1::1')).toMatch(/timed out/);
    } finally {
      await scene.end();
    }
  });
});
