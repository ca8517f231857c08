import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft, SSH_NOTRACK, setElements } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';
import { openSession } from '../rig/sshd.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make({ name: 'saved' });
});
afterEach(async () => {
  await scene.end();
});

const nft = async (...words: string[]) => (await run(scene.pair.target, ['nft', ...words])).stdout;

/** Does what `systemctl restart nftables` does with a ruleset that was saved while somebody was let in. */
async function loadSaved(saved: string) {
  await loadNft(scene.pair.target, `flush ruleset\n${saved}`);
}

/** A ruleset saved while a grant was live, which has ended since. */
async function savedWithGrant(): Promise<string> {
  await scene.outcome(scene.seal({ duration: 100 }));
  const saved = await nft('list', 'ruleset');
  expect(saved).toContain('alice-laptop');
  expect((await scene.gate.cli(['flush'])).code).toBe(0);
  expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  return saved;
}

async function expectShut() {
  expect(await setElements(scene.pair.target, 'granted4')).toEqual([]);
  expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
}

describe('an old grant that a saved ruleset brings back', () => {
  it('opens nothing once the running daemon has looked', async () => {
    const saved = await savedWithGrant();
    const since = scene.gate.events.length;
    await loadSaved(saved);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
    await expectShut();
  });

  it('opens nothing when it is loaded on top of the table that is there', async () => {
    const saved = await savedWithGrant();
    const since = scene.gate.events.length;
    await loadNft(scene.pair.target, saved);
    expect(await setElements(scene.pair.target, 'granted4')).toHaveLength(1);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
    await expectShut();
  });

  it('opens nothing either when the configuration is reloaded at that moment', async () => {
    const saved = await savedWithGrant();
    await loadNft(scene.pair.target, saved);
    await scene.reconfigure({});
    await expectShut();
  });

  it('opens nothing once the script of the boot has run, without a daemon', async () => {
    const saved = await savedWithGrant();
    await scene.gate.stop();
    await loadSaved(saved);
    await loadNft(scene.pair.target, (await run(scene.pair.target, ['cat', `${scene.gate.stateDir}/boot.nft`])).stdout);
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  });
});

describe('a grant that is live', () => {
  it('lives through a restart of the daemon', async () => {
    await scene.outcome(scene.seal({ duration: 100 }));
    await scene.gate.restart();
    expect(await scene.isOpen()).toBe(true);
    await scene.gate.kill9();
    await scene.gate.start();
    expect(await scene.isOpen()).toBe(true);
  });

  it('lives on when a saved ruleset is loaded that does not know it', async () => {
    const saved = await savedWithGrant();
    await scene.outcome(scene.seal({ to: TARGET6, duration: 100 }), { host: TARGET6 });
    const since = scene.gate.events.length;
    await loadSaved(saved);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
    expect(await setElements(scene.pair.target, 'granted4')).toEqual([]);
    expect(await scene.isOpen(TARGET6)).toBe(true);
  });
});

describe('a connection that was adopted', () => {
  it('is forgotten when it ends: a bare packet from its port gets no answer any more', async () => {
    await scene.outcome(scene.seal({ duration: 100 }));
    const session = await openSession(scene.pair.client, scene.sshd, { host: TARGET4 });
    await scene.gate.restart();
    expect(await setElements(scene.pair.target, 'prior4')).toHaveLength(1);
    await session.close();
    for (let tries = 0; (await setElements(scene.pair.target, 'prior4')).length > 0; tries++) {
      if (tries > 200) throw new Error('the connection is not forgotten');
      await sleep(100);
    }
  });
});

describe('rules that keep ssh from connection tracking', () => {
  it('do not freeze a session when its grant ends', async () => {
    await loadNft(scene.pair.target, SSH_NOTRACK);
    // The daemon asks for such rules when it arms.
    await scene.gate.restart();
    await scene.outcome(scene.seal({ duration: 100 }));
    const session = await openSession(scene.pair.client, scene.sshd, { host: TARGET4 });
    expect(await session.type('with a grant')).toBeGreaterThan(0);
    expect((await scene.gate.cli(['flush'])).code).toBe(0);
    expect(await session.type('without', 20_000)).toBeGreaterThan(0);
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
    await session.close();
  });
});
