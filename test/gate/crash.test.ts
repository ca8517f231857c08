import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { CLIENT4, processesIn, run, TARGET4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { isAlive, named, sleep } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';
import { openSession } from '../rig/sshd.ts';

describe('a daemon that dies', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'crash', settings: { ports: ['tcp/22', 'tcp/80'], grant: 6 } });
  });

  afterEach(async () => {
    await scene.end();
  });

  it('leaves its grant to end on time, the session alive and nothing else open', async () => {
    const granted = await scene.outcome(scene.seal({ ports: [{ protocol: 'tcp', port: 22 }] }));
    const grantedAt = performance.now();
    expect(granted).toMatchObject({ event: 'granted', seconds: 6 });
    const session = await openSession(scene.pair.client, scene.sshd, { host: TARGET4 });
    await scene.gate.kill9();
    // The grant of a dead daemon still counts …
    expect(await scene.isOpen()).toBe(true);
    expect(await scene.isOpen(TARGET4, 80)).toBe(false);
    while ((await setElements(scene.pair.target, 'granted4')).length > 0) await sleep(50);
    // … for its own time, give or take the kernel's garbage collection and the polling.
    const seconds = (performance.now() - grantedAt) / 1000;
    figure(`grant of 6 s ended ${seconds.toFixed(2)} s after it was made, its daemon killed`);
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThan(8);
    expect(await scene.isOpen()).toBe(false);
    expect(await session.type('still-here')).toBeLessThan(5000);
    await session.close();
  });

  it('leaves no tcpdump to the next one', async () => {
    const [before = 0] = named(processesIn(scene.pair.target), 'tcpdump');
    await scene.gate.kill9();
    await scene.gate.start();
    expect(isAlive(before)).toBe(false);
    expect(named(processesIn(scene.pair.target), 'tcpdump')).toHaveLength(1);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted', source: CLIENT4 });
  });

  it.each([
    ['', false],
    [', also with an older record of the same boot', true],
  ])('takes a packet captured before it died for used, by what the kernel has seen%s', async (_, isPutBack) => {
    const record = join(scene.gate.stateDir, 'replay');
    const older = readFileSync(record);
    const datagram = scene.seal();
    await scene.outcome(datagram);
    await scene.gate.kill9();
    expect(readFileSync(record)).not.toEqual(older);
    if (isPutBack) writeFileSync(record, older);
    await scene.gate.start();
    const { kernel, packets } = await scene.status();
    await scene.send(datagram);
    // The new daemon did not give the kernel that tag.
    expect((await scene.status()).kernel.junk).toBe(kernel.junk + 1);
    expect((await scene.status()).packets).toEqual(packets);
  });

  it('takes it for replayed, by its record on disk, when the ruleset was flushed as well', async () => {
    const datagram = scene.seal();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'granted' });
    await scene.gate.kill9();
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    await scene.gate.start();
    expect(await scene.outcome(datagram)).toMatchObject({
      event: 'refused',
      reason: 'replayed',
      client: 'alice-laptop',
    });
    expect(await scene.isOpen()).toBe(false);
  });

  it('takes it for replayed when the state file was deleted as well', async () => {
    const datagram = scene.seal();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'granted' });
    await scene.gate.kill9();
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    rmSync(join(scene.gate.stateDir, 'replay'));
    await scene.gate.start();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'refused', reason: 'replayed' });
    // Also after one more restart: what the new file does not know stays refused.
    await scene.gate.kill9();
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    await scene.gate.start();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'refused', reason: 'replayed' });
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('is followed by one that knows the live grants', async () => {
    await scene.outcome(scene.seal({ duration: 100 }));
    await scene.gate.kill9();
    await scene.gate.start();
    const { stdout } = await scene.gate.cli(['list', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { client: 'alice-laptop', address: CLIENT4, port: 'tcp/22', seconds: expect.any(Number) },
      { client: 'alice-laptop', address: CLIENT4, port: 'tcp/80', seconds: expect.any(Number) },
    ]);
    // A shorter re-knock after the restart does not shorten what the first daemon granted.
    await scene.outcome(scene.seal({ duration: 10 }));
    const seconds: number[] = JSON.parse((await scene.gate.cli(['list', '--json'])).stdout).map(
      (grant: { seconds: number }) => grant.seconds,
    );
    expect(Math.min(...seconds)).toBeGreaterThan(80);
  });

  it('stops at SIGTERM with the ports hidden and the grant live until its end', async () => {
    await scene.outcome(scene.seal());
    expect(await scene.gate.stop()).toBe(0);
    expect(scene.gate.events.at(-1)).toMatchObject({ event: 'stopped' });
    expect(await scene.isOpen()).toBe(true);
    while ((await setElements(scene.pair.target, 'granted4')).length > 0) await sleep(100);
    expect(await scene.isOpen()).toBe(false);
  });
});
