import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT4, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { giveOtherAddresses, OTHER_ADDRESSES, REDIRECTED, ROUTED4, VIRTUAL4 } from '../rig/other-addresses.ts';
import { Scene } from '../rig/scene.ts';
import { openSession } from '../rig/sshd.ts';

/** Every way to sshd that a gate in prerouting alone does not see. */
const WAYS: readonly [string, string, number][] = [
  ...OTHER_ADDRESSES.map(([what, host]): [string, string, number] => [`an address ${what}`, host, 22]),
  ['a port that leads to ssh', TARGET4, REDIRECTED],
  ['a port that leads to ssh, IPv6', TARGET6, REDIRECTED],
];
/** Knocks are heard at these. */
const KNOCKED: readonly [string, string][] = [...OTHER_ADDRESSES];

/** A port above 1024: the daemon may bind it. */
const PORT = 62201;

describe.each(['nflog', 'socket'])('ways to sshd beside the gate’s own address, knocks heard by %s', (capture) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({
      name: 'ways',
      settings: { capture, knock_ports: [PORT], trusted_networks: ['203.0.113.0/24'] },
      start: false,
    });
    await giveOtherAddresses(scene.pair);
  });
  afterEach(async () => {
    if (scene.gate.running) await scene.gate.cli(['flush']);
  });
  afterAll(async () => {
    await scene?.end();
  });

  it('are open without a gate, and sessions that came by them live on when one is armed', async () => {
    const sessions = await Promise.all(
      [ROUTED4, VIRTUAL4].map((host) => openSession(scene.pair.client, scene.sshd, { host })),
    );
    await scene.gate.start();
    for (const session of sessions) {
      expect(await session.type('still here')).toBeGreaterThan(0);
      await session.close();
    }
  });

  it.each(WAYS)('open by a knock, and shut again: %s', async (_, host, port) => {
    const way = host.includes(':') ? TARGET6 : TARGET4;
    expect(await scene.isOpen(host, port, 300)).toBe(false);
    expect(await scene.outcome(scene.seal(), { host: way, port: PORT })).toMatchObject({ event: 'granted' });
    expect(await scene.isOpen(host, port)).toBe(true);
    await scene.gate.cli(['flush']);
    expect(await scene.isOpen(host, port, 300)).toBe(false);
  });

  it.each(KNOCKED)('hear a knock that is sent to them, and answer none: an address %s', async (_, host) => {
    const knock = scene.seal();
    expect(await scene.outcome(knock, { host, port: PORT })).toMatchObject({ event: 'granted' });
    const before = await scene.status();
    await scene.send(knock, { host, port: PORT });
    await scene.send(new Uint8Array(200), { host, port: PORT });
    const { kernel, packets } = await scene.status();
    expect([kernel.spent - before.kernel.spent, kernel.junk - before.kernel.junk]).toEqual([1, 1]);
    expect(packets.received).toBe(before.packets.received);
  });

  it('hear a knock from a trusted network too', async () => {
    const { client, target } = scene.pair;
    const source = '203.0.113.7';
    await run(client, ['ip', 'addr', 'add', `${source}/32`, 'dev', 'lo']);
    await run(target, ['ip', 'route', 'add', source, 'via', CLIENT4]);
    expect(await scene.outcome(scene.seal(), { source, port: PORT })).toMatchObject({ event: 'granted', source });
    expect(await scene.outcome(scene.seal(), { source, port: PORT, host: VIRTUAL4 })).toMatchObject({
      event: 'granted',
      source,
    });
  });
});

describe('a port that leads to a hidden one', () => {
  let scene: Scene;

  beforeAll(async () => {
    // The port itself is hidden as well, and is the only one that the client may open.
    scene = await Scene.make({
      name: 'leads',
      settings: { ports: ['tcp/22', 'tcp/2222'] },
      entry: { ports: ['tcp/2222'] },
    });
    await giveOtherAddresses(scene.pair);
  });
  afterAll(async () => {
    await scene?.end();
  });

  it('opens for a client with a grant, while the port that it leads to stays shut', async () => {
    expect(await scene.isOpen(TARGET4, REDIRECTED, 300)).toBe(false);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted', ports: ['tcp/2222'] });
    expect(await scene.isOpen(TARGET4, REDIRECTED)).toBe(true);
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
    expect(await scene.isOpen(VIRTUAL4, 22, 300)).toBe(false);
    await scene.gate.cli(['flush']);
    expect(await scene.isOpen(TARGET4, REDIRECTED, 300)).toBe(false);
  });

  it('is shut to a packet that claims by its priority to have been let in', async () => {
    // As a container could: its packets come by a cable such as the one between the client and the target.
    const rule = 'add rule inet claims out meta priority set 6b6e:0 counter';
    await loadNft(
      scene.pair.client,
      `table inet claims { chain out { type filter hook output priority 0; }; }\n${rule}\n`,
    );
    expect(await scene.isOpen(TARGET4, REDIRECTED, 300)).toBe(false);
    expect(await scene.isOpen(VIRTUAL4, 22, 300)).toBe(false);
    await loadNft(scene.pair.client, 'delete table inet claims');
  });

  it('stays hidden after a boot, before there is a daemon', async () => {
    const boot = (await run(scene.pair.target, ['cat', `${scene.gate.stateDir}/boot.nft`])).stdout;
    await scene.gate.stop();
    await run(scene.pair.target, ['nft', 'delete', 'table', 'inet', 'knockgate']);
    expect(await scene.isOpen(VIRTUAL4)).toBe(true);
    await loadNft(scene.pair.target, boot);
    expect(await scene.isOpen(VIRTUAL4, 22, 300)).toBe(false);
    expect(await scene.isOpen(TARGET4, REDIRECTED, 300)).toBe(false);
  });
});
