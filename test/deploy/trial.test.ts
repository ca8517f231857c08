import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../rig/deployment.ts';
import { tableExists } from '../rig/nft.ts';
import { figure, Installed } from './installed.ts';

/** Each of these ends with sshd in reach of everybody, as it was before. */
describe('a trial that nobody confirms', () => {
  let gate: Installed;
  const start = async (seconds: number) => {
    const then = performance.now();
    await gate.daemon('trial', String(seconds));
    await gate.target.must(['systemctl', 'restart', 'knockgate']);
    expect(await gate.isOpen()).toBe(false);
    return then;
  };
  const since = (then: number) => ((performance.now() - then) / 1000).toFixed(1);

  beforeAll(async () => {
    gate = await Installed.make({ name: 'trial' });
  });

  afterAll(async () => {
    await gate?.end();
  });

  it('ends when its daemon was killed, and the one that took its place', async () => {
    const then = await start(12);
    const pid = await gate.mainPid();
    await gate.target.must(['kill', '-KILL', pid ?? '']);
    await gate.untilKnockable(then);
    expect(await gate.mainPid()).not.toBe(pid);
    await gate.shut();
    expect(await gate.isOpen()).toBe(false);
    await gate.untilOpen(20_000);
    figure(`trial of 12 s, daemon killed and started again: open after ${since(then)} s`);
    // The kernel lets go first; the daemon looks every second.
    await until('the daemon to let go', async () => (await gate.status()).armed === null, 10_000);
    expect(await gate.status()).toMatchObject({ trial: { seconds_left: 0 } });
    expect(await tableExists(gate.target)).toBe(false);
  });

  it('ends when no daemon can start any more', async () => {
    const then = await start(12);
    await gate.target.must(['chmod', '-x', '/usr/sbin/knockgated']);
    await gate.target.must(['systemctl', 'kill', '-s', 'KILL', 'knockgate']);
    await gate.untilOpen(20_000);
    figure(`trial of 12 s, daemon gone for good: open after ${since(then)} s`);
    await gate.target.must(['chmod', '+x', '/usr/sbin/knockgated']);
  });

  it('ends with a boot, and with a loss of power', async () => {
    for (const again of [() => gate.target.reboot(), () => gate.target.powerCycle()]) {
      await start(600);
      await again();
      expect(await gate.isOpen()).toBe(true);
      expect(await tableExists(gate.target)).toBe(false);
      expect(await gate.mainPid()).toBeUndefined();
    }
  });

  it('leaves the session alive over which it was begun', async () => {
    const session = await gate.target.session();
    const then = await start(10);
    expect(await session.type('hidden')).toBeLessThan(5000);
    await gate.untilOpen(20_000);
    expect(await session.type('shown')).toBeLessThan(5000);
    await session.close();
    figure(`trial of 10 s: open after ${since(then)} s`);
  });
});
