import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../rig/netns.ts';
import { must, runHere } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

/** A file system of 2 MB for the state, which a test can fill or make read-only. */
async function mountSmall(path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  await must(['mount', '-t', 'tmpfs', '-o', 'size=2m,mode=777', 'knockgate-test', path]);
}

describe('the replay file', () => {
  let scene: Scene;
  let disk: string;

  afterEach(async () => {
    await scene.gate.stop();
    await runHere(['umount', '-l', disk]);
    await scene.end();
  });

  async function sceneOnSmallDisk(): Promise<void> {
    // Mounted before the daemon starts, over the folder that the rig has made for it.
    scene = await Scene.make({ name: 'state', start: false });
    disk = scene.gate.stateDir;
    await mountSmall(disk);
  }

  it('on a full disk goes on taking records: knocks work, and are remembered', async () => {
    await sceneOnSmallDisk();
    await scene.gate.start();
    await run(scene.pair.target, ['sh', '-c', `cat /dev/zero > ${join(disk, 'filler')}`]);
    const datagram = scene.seal();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'granted' });
    expect((await scene.status()).state).toBe('durable');
    await scene.gate.kill9();
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    await scene.gate.start();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'refused', reason: 'replayed' });
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('that cannot be made: knocks work, the log says so, and nothing older than the daemon is taken', async () => {
    await sceneOnSmallDisk();
    const early = scene.seal();
    writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 * 1024));
    await scene.gate.start();
    expect(scene.gate.events.map(({ event }) => event)).toContain('state-degraded');
    expect((await scene.status()).state).toBe('degraded');
    expect(await scene.outcome(early)).toMatchObject({ event: 'refused', reason: 'state-degraded' });
    const datagram = scene.seal();
    expect(await scene.outcome(datagram)).toMatchObject({ event: 'granted' });
    expect(await scene.isOpen()).toBe(true);
  });

  it('on a file system made read-only while it runs: the same', async () => {
    await sceneOnSmallDisk();
    await scene.gate.start();
    await scene.gate.stop();
    await must(['mount', '-o', 'remount,ro', disk]);
    await scene.gate.start();
    expect((await scene.status()).state).toBe('degraded');
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
    await must(['mount', '-o', 'remount,rw', disk]);
    await scene.gate.restart();
    expect((await scene.status()).state).toBe('durable');
  });
});
