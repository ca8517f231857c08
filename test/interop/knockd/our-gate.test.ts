import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scene } from '../../gate/scene.ts';
import { run, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { loadNft } from '../../rig/nft.ts';

const DOORS = [
  { name: 'tcp', steps: ['tcp/7003', 'tcp/7001', 'tcp/7005'] },
  { name: 'udp', steps: ['udp/8003', 'udp/8001', 'udp/8005'] },
  { name: 'mixed', steps: ['tcp/9003', 'udp/9001', 'tcp/9005', 'udp/9002'] },
];

describe('the real knock at our gate', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'knock', gate: { sequences: DOORS } });
    // The kernel alone follows them.
    await scene.gate.kill9();
  });
  afterAll(() => scene?.end());

  /** knock(1), as Debian packs it. */
  const knock = async (host: string, steps: readonly string[], ...options: string[]) => {
    const words = steps.map((step) => step.split('/').reverse().join(':'));
    const version = host.includes(':') ? '-6' : '-4';
    const { code, stderr } = await run(scene.pair.client, ['knock', ...options, version, host, ...words]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };
  const shut = () =>
    loadNft(
      scene.pair.target,
      'flush set inet knockgate sequence_granted4; flush set inet knockgate sequence_granted6',
    );

  it.each(DOORS)('opens $name, at every address', async ({ steps }) => {
    const both = [TARGET4, TARGET6].map(async (host) => {
      expect(await scene.isOpen(host, 22, 300)).toBe(false);
      await knock(host, steps, '-d', '20');
      expect(await scene.isOpen(host)).toBe(true);
    });
    await Promise.all(both);
    await shut();
  });

  it('opens nothing by other steps', async () => {
    await knock(TARGET4, ['tcp/7003', 'tcp/7001', 'tcp/7006'], '-d', '20');
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  });
});
