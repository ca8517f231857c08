import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { run, TARGET4 } from '../rig/netns.ts';
import { setElements, tableExists } from '../rig/nft.ts';
import { waitOpen } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';
import { openSession } from '../rig/sshd.ts';

describe('a gate on trial', () => {
  let scene: Scene;
  const trial = (seconds: number) => scene.gate.cli(['trial', String(seconds), '--json']);
  const confirm = () => scene.gate.cli(['confirm']);
  const status = async () => JSON.parse((await scene.gate.cli(['status', '--json'])).stdout);
  /** Seconds until the port is open to everybody. */
  const untilOpen = async () => (await waitOpen(scene.pair.client, TARGET4, 22, { timeout: 40_000 })).ms / 1000;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'trial', start: false });
  });

  afterEach(async () => {
    await scene.end();
  });

  it('is open again on time, by its daemon, which takes the table away and stays disarmed', async () => {
    expect(JSON.parse((await trial(15)).stdout)).toEqual({ seconds: 15, running: false });
    await scene.gate.start();
    expect((await status()).trial.seconds_left).toBeGreaterThan(0);
    expect(await scene.isOpen()).toBe(false);
    expect(await scene.outcome(scene.seal({ duration: 1 }))).toMatchObject({ event: 'granted' });
    const session = await openSession(scene.pair.client, scene.sshd, { host: TARGET4 });
    await scene.gate.audit(({ event }) => event === 'trial-over', 30_000);
    expect(await tableExists(scene.pair.target)).toBe(false);
    expect(await scene.isOpen()).toBe(true);
    expect(await session.type('still here')).toBeLessThan(5000);
    await session.close();
    expect(await status()).toMatchObject({ armed: null, trial: { seconds_left: 0 } });
    const late = await confirm();
    expect(late.code).toBe(13);
    expect(late.stderr).toContain('ended before it was confirmed');
    // Neither a restart nor a reload arms it, as long as the file is there.
    await scene.gate.stop();
    const since = scene.gate.events.length;
    scene.gate.launch();
    await scene.gate.audit(({ event }) => event === 'trial-over', 15_000, since);
    expect(await tableExists(scene.pair.target)).toBe(false);
    // Another trial does.
    expect(JSON.parse((await trial(15)).stdout)).toEqual({ seconds: 15, running: true });
    expect(await scene.isOpen()).toBe(false);
    expect((await confirm()).stdout).toBe('Confirmed: the ports stay hidden.\n');
  });

  it('is open again on time, by the kernel, when its daemon is dead', async () => {
    await trial(15);
    const start = performance.now();
    await scene.gate.start();
    await scene.gate.kill9();
    expect(await scene.isOpen()).toBe(false);
    await untilOpen();
    figure(`trial of 15 s, daemon killed: open after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });

  it('keeps its end through a restart and a flush of the ruleset', async () => {
    await trial(60);
    const begun = performance.now();
    await scene.gate.start();
    await sleep(1000);
    await scene.gate.restart();
    const gone = (performance.now() - begun) / 1000;
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000);
    const [element] = await setElements(scene.pair.target, 'gated');
    // One that began again would have 59.
    expect(element?.timeout).toBeLessThanOrEqual(60 - gone);
  });

  it('stays when it is confirmed, also through a restart', async () => {
    await trial(60);
    await scene.gate.start();
    expect((await setElements(scene.pair.target, 'gated'))[0]?.timeout).toBeGreaterThan(50);
    expect((await confirm()).code).toBe(0);
    expect((await setElements(scene.pair.target, 'gated'))[0]?.timeout).toBeUndefined();
    expect((await status()).trial).toBeNull();
    await scene.gate.kill9();
    await scene.gate.start();
    expect((await setElements(scene.pair.target, 'gated'))[0]?.timeout).toBeUndefined();
    expect((await status()).trial).toBeNull();
  });
});
