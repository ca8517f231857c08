import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, TARGET4 } from '../rig/netns.ts';
import { loadNft, SSH_NOTRACK, setElements } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';
import { openSession } from '../rig/sshd.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.make({ name: 'saved' });
});
afterAll(async () => {
  await scene?.end();
});

/** `saved-ruleset.long.test.ts` has the same with a daemon that runs, and at a boot. */
it('an old grant that a saved ruleset brings back opens nothing once a daemon starts', async () => {
  const { target } = scene.pair;
  await scene.outcome(scene.seal({ duration: 100 }));
  const { stdout: saved } = await run(target, ['nft', 'list', 'ruleset']);
  expect((await scene.gate.cli(['flush'])).code).toBe(0);
  await scene.gate.stop();
  await loadNft(target, `flush ruleset\n${saved}`);
  expect(await scene.isOpen()).toBe(true);
  await scene.gate.start();
  expect(await setElements(target, 'granted4')).toEqual([]);
  expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
});

it('a session that the rules of others keep from connection tracking is noted, so that it outlives its grant', async () => {
  const { target, client } = scene.pair;
  await loadNft(target, SSH_NOTRACK);
  // The daemon asks for such rules when it arms.
  await scene.gate.restart();
  await scene.outcome(scene.seal({ duration: 100 }));
  const session = await openSession(client, scene.sshd, { host: TARGET4 });
  expect(await setElements(target, 'prior4')).toEqual([]);
  for (let tries = 0; (await setElements(target, 'prior4')).length === 0; tries++) {
    if (tries > 100) throw new Error('the session is not noted');
    await sleep(100);
  }
  expect((await scene.gate.cli(['flush'])).code).toBe(0);
  expect(await session.type('without a grant')).toBeGreaterThan(0);
  await session.close();
});
