import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CLIENT4, run, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { loadNft, setElements } from '../../rig/nft.ts';
import { waitOpen } from '../../rig/probe.ts';
import { Scene } from '../../rig/scene.ts';
import { startKnockd } from './knockd.ts';

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

  it('opens our gate and knockd beside it, while somebody moves from the one to the other', async () => {
    const { target } = scene.pair;
    const [door] = DOORS;
    const knockd = await startKnockd(target, [{ name: 'door', sequence: '7003,7001,7005', flags: 'syn' }]);
    onTestFinished(() => knockd.stop());
    const rules = async () => (await run(target, ['iptables', '-S', 'INPUT'])).stdout;
    expect([await scene.isOpen(TARGET4, 22, 300), await rules()]).toEqual([false, expect.not.stringContaining('22')]);
    await knock(TARGET4, door?.steps ?? [], '-d', '20');
    expect(await waitOpen(scene.pair.client, TARGET4, 22)).toMatchObject({ open: true });
    expect(await rules()).toContain(`-s ${CLIENT4}/32 -p tcp -m tcp --dport 22 -j ACCEPT`);
    expect(await setElements(target, 'sequence_granted4')).toMatchObject([{ key: [CLIENT4, 'tcp', 22] }]);
    // Either alone keeps it shut.
    await shut();
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  });
});
