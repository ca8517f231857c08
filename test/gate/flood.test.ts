import { randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { tagOf } from '../../src/spa/tags.ts';
import { figure } from '../rig/figure.ts';
import { TARGET6 } from '../rig/netns.ts';
import { sleep } from '../rig/process.ts';
import { Scene, type Status } from '../rig/scene.ts';
import { openSession, sshRun } from '../rig/sshd.ts';

/** Packets with one tag that the daemon hears; and those of them that come after the genuine one. */
const HEARD = 3;
const MORE = HEARD - 1;

/** Random bytes as long as a real message. */
const junk = () => randomBytes(randomInt(128, 513));

const KNOCK_PORTS = [443, 62201];

/** Long enough for a packet that passed the kernel to be read by tcpdump and the daemon. */
const SETTLE_MS = 300;

describe('under a flood', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'flood' });
  });
  afterAll(async () => {
    await scene?.end();
  });

  /** Runs `work`, and returns what was counted meanwhile. */
  async function counted(work: () => Promise<void>): Promise<Pick<Status, 'packets' | 'kernel'>> {
    const before = await scene.status();
    await work();
    await sleep(SETTLE_MS);
    const after = await scene.status();
    return {
      packets: difference(before.packets, after.packets),
      kernel: difference(before.kernel, after.kernel),
    };
  }

  /** A knock that opens the port, and a real login through it. */
  async function expectKnockWorks() {
    const { code, json } = await scene.knock();
    expect({ code, json }).toMatchObject({ code: 0, json: { open: true } });
    const { gate, pair, sshd } = scene;
    expect(gate.running).toBe(true);
    const login = await sshRun(pair.client, sshd, { host: String(json?.address) }, 'echo inside');
    expect(login).toMatchObject({ code: 0, stdout: 'inside\n' });
  }

  it('10,000 datagrams of junk: none reaches the daemon, and then a knock works', async () => {
    const session = await loggedIn();
    const { packets, kernel } = await counted(async () => {
      for (const port of KNOCK_PORTS) {
        for (const way of [{ port }, { port, host: TARGET6 }]) {
          const { sent } = await scene.flood({ ...way, count: 2500, bodies: Array.from({ length: 2500 }, junk) });
          expect(sent).toBe(2500);
        }
      }
    });
    figure(`junk: 10000 sent, ${kernel.junk} dropped by the kernel, ${packets.received} reached the daemon`);
    expect(kernel).toMatchObject({ junk: 10_000, asked: 0, opened: 0, spent: 0 });
    expect(packets).toEqual({ received: 0, unmatched: 0, refused: 0, granted: 0 });
    await session.type('still here');
    await session.close();
    await expectKnockWorks();
  });

  it('1,000 replays of a genuine datagram: two reach the daemon, which knows the tag, and then a knock works', async () => {
    const genuine = scene.seal();
    expect(await scene.outcome(genuine)).toMatchObject({ event: 'granted' });
    const { packets, kernel } = await counted(async () => {
      const { sent } = await scene.flood({ count: 1000, bodies: [genuine] });
      expect(sent).toBe(1000);
    });
    figure(`replays: 1000 sent, ${kernel.spent} dropped by the kernel, ${packets.received} reached the daemon`);
    expect(kernel).toMatchObject({ spent: 1000 - MORE, asked: MORE, opened: 0, junk: 0 });
    expect(packets).toEqual({ received: MORE, unmatched: MORE, refused: 0, granted: 0 });
    await expectKnockWorks();
  });

  it('valid tags with forged bodies: a few of each are refused, and then a knock works', async () => {
    const [count, copies, senders] = [32, 50, 4];
    const tags = Array.from({ length: count }, () => {
      return tagOf(nodeCrypto, scene.keys.tagKey, scene.place());
    });
    const since = scene.gate.events.length;
    const { packets, kernel } = await counted(async () => {
      // Senders go through the tags in the same order, so that copies of one tag arrive on several cores at once.
      const floods = Array.from({ length: senders }, () => {
        const forged = Array.from({ length: copies }, () => tags.map((tag) => concat(tag, junk()))).flat();
        return scene.flood({ count: forged.length, bodies: forged });
      });
      for (const { sent } of await Promise.all(floods)) expect(sent).toBe(count * copies);
    });
    figure(
      `forged: ${count} tags, ${count * copies * senders} sent, ${packets.received} reached the daemon ` +
        `(${HEARD} of each tag), ${packets.refused} refused as unauthentic`,
    );
    expect(kernel.asked + kernel.spent).toBe(count * copies * senders);
    expect(packets).toEqual({ received: count * HEARD, granted: 0, refused: count * HEARD, unmatched: 0 });
    const refused = scene.gate.events.slice(since).filter(({ event }) => event === 'refused');
    expect(refused).toHaveLength(count * HEARD);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['unauthentic']));
    await expectKnockWorks();
  });

  it('a knock gets through while junk is coming in', async () => {
    const flooding = scene.flood({ count: 1_000_000, timeMs: 4000, rate: 20_000 });
    await sleep(500);
    const { json } = await scene.knock();
    const { sent } = await flooding;
    expect(json).toMatchObject({ open: true });
    figure(`knock under ${Math.round(sent / 4)} junk datagrams/s: open after ${json?.afterMs} ms`);
  });

  async function loggedIn() {
    const { json } = await scene.knock();
    expect(json).toMatchObject({ open: true });
    return openSession(scene.pair.client, scene.sshd, { host: String(json?.address) });
  }
});

function difference<T extends Record<string, number>>(before: T, after: T): T {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)])) as T;
}
