import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAddress } from '../../src/base/addresses.ts';
import { BOUND_SLOTS, epochAt } from '../../src/spa/tags.ts';
import { CLIENT4, CLIENT6, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { requestTo } from '../rig/request.ts';
import { Scene, sealFor } from '../rig/scene.ts';

/** Epochs ahead of the present one: of those in force before the table was made, the kernel opens to none. */
const AHEAD = 6;
const OTHER4 = '192.0.2.77';

/** Knocks by which the kernel opens, on a real table; the daemon's part is in checks.test.ts. */
describe('the kernel opens', () => {
  let scene: Scene;
  let count = 0;

  beforeAll(async () => {
    scene = await Scene.make({ clientAddresses: [`${OTHER4}/24`] });
    // Each family by a message of its own that claims the address it comes from.
    for (const [source, destination] of [
      [CLIENT4, TARGET4],
      [CLIENT6, TARGET6],
    ] as const) {
      const claimed = { source: address(source), destination: address(destination), duration: 1 };
      expect(await scene.outcome(scene.seal(claimed), { host: destination })).toMatchObject({ event: 'granted' });
    }
    await loaded();
    await shut();
  }, 30_000);
  afterAll(() => scene?.end());

  /** A message with an address-bound tag of its own. */
  function bound(source = CLIENT4, destination = TARGET4, other = {}) {
    const epoch = epochAt(Date.now()) + AHEAD + Math.floor(count / BOUND_SLOTS);
    const place = { kind: 'bound' as const, epoch, slot: count++ % BOUND_SLOTS };
    return sealFor(scene.keys, {
      ...place,
      ...requestTo(destination, { source: address(source), duration: 1, ...other }),
    });
  }

  /** Waits until the kernel has tags for both addresses. */
  async function loaded() {
    for (let tries = 0; ; tries += 1) {
      const known = await Promise.all(['known4', 'known6'].map((set) => setElements(scene.pair.target, set)));
      if (known.every(({ length }) => length === 1)) return;
      if (tries === 50) throw new Error('the kernel knows no address');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends what is open: the kernel's own grants would live for four seconds. */
  async function shut() {
    if (scene.gate.running) await scene.gate.cli(['flush']);
    for (const target of [TARGET4, TARGET6])
      await vi.waitFor(async () => expect(await scene.isOpen(target, 22, 200)).toBe(false), { timeout: 10_000 });
  }

  it('for a known address, and the daemon extends that', async () => {
    const line = await scene.outcome(bound());
    expect(line).toMatchObject({ event: 'granted', source: CLIENT4, seconds: 1 });
    expect((await scene.status()).kernel.opened).toBe(1);
    expect(await scene.isOpen()).toBe(true);
    await shut();
  });

  it('not twice to one tag', async () => {
    const message = bound();
    await scene.outcome(message);
    await shut();
    for (let again = 0; again < 5; again += 1) await scene.send(message);
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  });

  it('not to a copy from another address, which burns nothing', async () => {
    const message = bound();
    expect(await scene.outcome(message, { source: OTHER4 })).toMatchObject({
      event: 'refused',
      reason: 'source-mismatch',
    });
    expect(await scene.outcome(message)).toMatchObject({ event: 'granted', source: CLIENT4 });
    await shut();
  });

  it('for a forged body too, only for the owner; the message that it was copied from is worth nothing then', async () => {
    const message = bound();
    const forged = Uint8Array.from(message, (byte, i) => (i < 16 ? byte : byte ^ 1));
    expect(await scene.outcome(forged)).toMatchObject({ event: 'refused', reason: 'unauthentic' });
    expect(await scene.isOpen()).toBe(true);
    expect(await scene.outcome(message)).toMatchObject({ event: 'refused', reason: 'replayed' });
    await shut();
  });

  it('and takes it back where policy denies', async () => {
    const line = await scene.outcome(bound(CLIENT4, TARGET4, { ports: [{ protocol: 'tcp', port: 80 }] }));
    expect(line).toMatchObject({ event: 'refused', reason: 'denied' });
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
  });

  it('without a daemon, in both families', async () => {
    await scene.gate.kill9();
    for (const [source, target] of [
      [CLIENT4, TARGET4],
      [CLIENT6, TARGET6],
    ] as const) {
      expect(await scene.isOpen(target, 22, 300)).toBe(false);
      const message = bound(source, target);
      await scene.send(message, { host: target });
      expect(await scene.isOpen(target)).toBe(true);
    }
    await shut();
    // An ordinary tag is the daemon's.
    await scene.send(scene.seal({ source: address(CLIENT4) }));
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
    const since = scene.gate.events.length;
    await scene.gate.start();
    const told = scene.gate.events.slice(since).filter(({ event }) => event === 'opened-unheard');
    for (const source of [CLIENT4, CLIENT6])
      expect(told).toContainEqual(expect.objectContaining({ client: 'alice-laptop', source }));
  });

  it('and goes on where the daemon was replaced', async () => {
    const message = bound();
    await scene.gate.stop();
    await scene.send(message);
    expect(await scene.isOpen()).toBe(true);
    await shut();
    await scene.gate.start();
    // Used while nobody heard: the daemon knows.
    await scene.send(message);
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
    expect(await scene.outcome(bound())).toMatchObject({ event: 'granted' });
    await shut();
  });
});

function address(text: string) {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
