import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey, newPrivateKey } from '../../src/spa/keys.ts';
import { type PairKeys, pairKeys } from '../../src/spa/outer.ts';
import { epochAt, SLOTS, TAG_LENGTH, type TagSlot } from '../../src/spa/tags.ts';
import { capture } from '../rig/capture.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, LINK, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { must, sleep } from '../rig/process.ts';
import { Scene, sealFor } from '../rig/scene.ts';

/**
 * Anything that comes back from the target over IP. Neighbour discovery is left out (ICMPv6 types 133 to 136): it is how hosts on a
 * cable find each other, and answers no datagram.
 */
const ANSWERS = `(ip and src host ${TARGET4}) or (ip6 and src host ${TARGET6} and not (icmp6 and ip6[40] >= 133 and ip6[40] <= 136))`;

/** Long enough for an answer to come back, and for the daemon to have read what passed the kernel. */
const SETTLE_MS = 300;

const FAMILIES: [string, string][] = [
  ['IPv4', TARGET4],
  ['IPv6', TARGET6],
];
/** The shortest that a client sends, so that its variants are few enough to send them all. */
const LENGTH = 128;
const BITS = LENGTH * 8;
const BATCH = 64;
/** In three epochs there are slots for one message for each bit. */
const FORGERS = Math.ceil(BITS / (3 * SLOTS.most));

describe('a knock port answers nothing at all', () => {
  let scene: Scene;
  /** Enrolled clients whose genuine messages are altered on the way. */
  let victims: PairKeys[];

  beforeAll(async () => {
    const privateKeys = Array.from({ length: FORGERS }, () => newPrivateKey(nodeCrypto));
    const others = privateKeys.map((key, i) => ({ name: `altered-${i}`, key: formatKey(nodeCrypto.publicKey(key)) }));
    scene = await Scene.make({ name: 'silence', others });
    victims = privateKeys.map((key) => pairKeys(nodeCrypto, 'client', key, scene.keys.gatePublic));
  });
  afterAll(async () => {
    await scene?.end();
  });

  /** Sends, and expects that nothing comes back. */
  async function quietly(work: () => Promise<unknown>): Promise<void> {
    const tap = await capture(scene.pair.client, ANSWERS);
    await work();
    await sleep(SETTLE_MS);
    const { packets, datagrams, icmp } = await tap.stop();
    expect({ packets, datagrams, icmp }).toEqual({ packets: 0, datagrams: [], icmp: [] });
  }

  async function expectShut() {
    for (const set of ['granted4', 'granted6']) expect(await setElements(scene.pair.target, set)).toEqual([]);
    for (const [, host] of FAMILIES) expect(await scene.isOpen(host, 22, 300)).toBe(false);
  }

  /** Ends the grants of a genuine knock, so that what follows is seen to open nothing. */
  async function shut() {
    expect((await scene.gate.cli(['flush'])).code).toBe(0);
  }

  it.each(FAMILIES)(
    'and an answer would be seen: a port that is not a knock port says so, over %s',
    async (_, host) => {
      const tap = await capture(scene.pair.client, ANSWERS);
      await scene.send(randomBytes(LENGTH), { host, port: 9 });
      await sleep(SETTLE_MS);
      expect((await tap.stop()).icmp).toHaveLength(1);
    },
  );

  it.each(FAMILIES)('to junk, over %s', async (_, host) => {
    const before = await scene.status();
    await quietly(async () => {
      for (const port of [443, 62201])
        await scene.flood({ host, port, count: 50, bodies: Array.from({ length: 50 }, () => randomBytes(300)) });
    });
    expect((await scene.status()).kernel.junk - before.kernel.junk).toBe(100);
    await expectShut();
  });

  it.each(FAMILIES)('to datagrams of a wrong length, with a tag that is right, over %s', async (_, host) => {
    const tag = scene.seal().subarray(0, TAG_LENGTH);
    const before = await scene.status();
    // None of them spends the tag: the kernel looks at the length before it looks for a tag.
    const lengths = [0, 1, 15, 16, 17, 48, 110, 1233, 1300, 1400, 1472, 2000, 8000, 60_000];
    const padded = lengths.map((length) =>
      concat(tag, randomBytes(Math.max(0, length - tag.length))).subarray(0, length),
    );
    await quietly(() => scene.flood({ host, count: lengths.length, bodies: padded }));
    const after = await scene.status();
    // Those of less than 16 bytes end in the same drop by another way: too short for the tag to be looked at.
    expect(after.kernel.junk - before.kernel.junk).toBe(lengths.length);
    expect(after.packets).toEqual(before.packets);
    await expectShut();
  });

  it.each(FAMILIES)('to a genuine knock and its replays, over %s', async (_, host) => {
    const genuine = scene.seal({ to: host });
    const before = await scene.status();
    await quietly(async () => {
      expect(await scene.outcome(genuine, { host })).toMatchObject({ event: 'granted' });
      await shut();
      for (const port of [443, 62201]) await scene.send(genuine, { host, port });
      await scene.send(genuine, { host: host === TARGET4 ? TARGET6 : TARGET4 });
    });
    const after = await scene.status();
    // The daemon hears three packets of one tag, and knows after the first that it is used.
    expect(after.kernel.spent - before.kernel.spent).toBe(1);
    expect(after.packets.received - before.packets.received).toBe(3);
    expect(after.packets.unmatched - before.packets.unmatched).toBe(2);
    await expectShut();
  });

  it('to every one-bit variant of a knock that came through', async () => {
    const genuine = scene.seal({ length: LENGTH });
    expect(await scene.outcome(genuine)).toMatchObject({ event: 'granted' });
    await shut();
    const before = await scene.status();
    await quietly(() => sendAll(Array.from({ length: BITS }, (_, bit) => flipped(genuine, bit))));
    const after = await scene.status();
    const { received, unmatched, ...results } = after.packets;
    expect(results).toEqual({ refused: before.packets.refused, granted: before.packets.granted });
    expect([received - before.packets.received, unmatched - before.packets.unmatched]).toEqual([2, 2]);
    const tagBits = TAG_LENGTH * 8;
    expect(after.kernel.junk - before.kernel.junk).toBe(tagBits);
    expect(after.kernel.spent - before.kernel.spent).toBe(BITS - tagBits - 2);
    figure(`one-bit variants of a used knock: ${BITS} sent, 0 answers, 2 reached the daemon`);
    await expectShut();
  });

  it('to every one-bit variant that comes instead of the knock, its tag not yet spent', async () => {
    const before = await scene.status();
    const since = scene.gate.events.length;
    const places = placesOf(victims);
    const variants = Array.from({ length: BITS }, (_, bit) => {
      const next = places.next();
      if (next.done) throw new Error('not enough tags for all bits');
      const { keys, place } = next.value;
      return flipped(sealFor(keys, { ...place, length: LENGTH }), bit);
    });
    await quietly(async () => {
      await sendAll(variants.slice(0, TAG_LENGTH * 8));
      // Few at a time: a packet that passed the kernel waits in a short queue until the daemon has read those before it.
      for (let bit = TAG_LENGTH * 8; bit < BITS; bit += BATCH) {
        await sendAll(variants.slice(bit, bit + BATCH));
        await refusals(since, bit + BATCH - TAG_LENGTH * 8);
      }
    });
    const after = await scene.status();
    expect(after.kernel.junk - before.kernel.junk).toBe(TAG_LENGTH * 8);
    expect(after.packets.granted).toBe(before.packets.granted);
    const refused = scene.gate.events.slice(since).filter(({ event }) => event === 'refused');
    expect(refused).toHaveLength(BITS - TAG_LENGTH * 8);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['unauthentic']));
    figure(`one-bit variants of fresh knocks: ${BITS} sent, 0 answers, ${refused.length} refused as unauthentic`);
    await expectShut();
  });

  it('to a knock in fragments, which works like any other', async () => {
    const { client } = scene.pair;
    await must(['ip', '-n', client, 'route', 'add', TARGET4, 'dev', LINK, 'src', CLIENT4, 'mtu', 'lock', '600']);
    const sent = await capture(client, `ip and dst host ${TARGET4} and ip[6:2] & 0x3fff != 0`);
    await quietly(async () => {
      expect(await scene.outcome(scene.seal({ length: 1232 }))).toMatchObject({ event: 'granted', source: CLIENT4 });
      await scene.send(randomBytes(1232));
    });
    expect((await sent.stop()).packets).toBe(6);
    await shut();
    await must(['ip', '-n', client, 'route', 'del', TARGET4]);
    await expectShut();
  });

  async function sendAll(bodies: readonly Uint8Array[]) {
    const { sent } = await scene.flood({ count: bodies.length, bodies });
    expect(sent).toBe(bodies.length);
  }

  /** Waits until so many audit lines have come. */
  async function refusals(since: number, count: number) {
    await scene.gate.audit((line) => scene.gate.events.indexOf(line) - since >= count - 1, 10_000, since);
  }
});

/** The datagram with one of its bits turned over. */
function flipped(datagram: Uint8Array, bit: number): Uint8Array {
  return datagram.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

/** Every place of these clients, in the epochs that the gate surely knows. */
function* placesOf(clients: readonly PairKeys[]): Generator<{ keys: PairKeys; place: TagSlot }> {
  const present = epochAt(Date.now());
  for (const epoch of [present, present + 1, present - 1]) {
    for (const keys of clients) {
      for (let slot = 0; slot < SLOTS.most; slot += 1) yield { keys, place: { kind: 'ordinary', epoch, slot } };
    }
  }
}
