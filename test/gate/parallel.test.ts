import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EPOCH_SECONDS } from '../../src/spa/tags.ts';
import { Client, type JsonResult } from '../rig/client.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, CLIENT6, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { HOST, Scene } from '../rig/scene.ts';

const EPOCH_MS = EPOCH_SECONDS * 1000;
/** More than enough for eight knocks, also on a busy machine. */
const ROOM_MS = 15_000;

describe('processes that share a key', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'parallel' });
  });
  afterAll(async () => {
    await scene?.end();
  });

  const knock = (client: Client, ...args: string[]) => client.json(['knock', HOST, '--force', ...args]);
  /** Another process of the same person: same key, same ledger. */
  const another = () => new Client(scene.pair.client, { configHome: scene.client.configHome });

  it('knock over IPv4 and IPv6 at once, eight times within one epoch, two at a time: all succeed', async () => {
    await untilRoom();
    const [first, second] = [scene.client, another()];
    const [before, since] = [await scene.status(), scene.gate.events.length];
    const results: JsonResult[] = [];
    for (let round = 0; round < 4; round += 1) results.push(...(await Promise.all([knock(first), knock(second)])));
    await expectAllGranted(results, before, since);
    // What "one epoch" means is written in the ledger, in which both processes note the slots that they used.
    const epochs = slotsUsed();
    expect(epochs.size).toBe(1);
    const [slots = []] = epochs.values();
    expect(slots.length).toBeGreaterThanOrEqual(16);
    expect(new Set(slots).size).toBe(slots.length);
    figure(`parallel: 8 knocks of 2 processes over IPv4 and IPv6, ${slots.length} messages in one epoch, all open`);
  });

  it('knock eight at once, one family each: all succeed', async () => {
    await untilRoom();
    const [before, since] = [await scene.status(), scene.gate.events.length];
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => {
        const host = i % 2 === 0 ? TARGET4 : TARGET6;
        return another().json(['knock', host, '--gate', scene.line, '--force']);
      }),
    );
    await expectAllGranted(results, before, since);
    figure('parallel: 8 processes at once, half of them over IPv6, all open');
  });

  /** Every knock opened, the gate granted each message to the address that it came from, and refused none. */
  async function expectAllGranted(results: JsonResult[], before: Awaited<ReturnType<Scene['status']>>, since: number) {
    expect(results.map(({ code, json }) => [code, json?.open])).toEqual(results.map(() => [0, true]));
    // Each process counts what it sent; the last of it may still be on its way.
    const sent = results.reduce((sum, { json }) => sum + Number(json?.knocks), 0);
    let after = await scene.status();
    for (let tries = 0; tries < 50 && after.packets.received < before.packets.received + sent; tries += 1) {
      await sleep(50);
      after = await scene.status();
    }
    expect(after.packets).toEqual({
      ...before.packets,
      received: before.packets.received + sent,
      granted: before.packets.granted + sent,
    });
    expect(after.kernel).toMatchObject({ spent: before.kernel.spent, junk: before.kernel.junk });
    const granted = scene.gate.events.slice(since).filter(({ event }) => event === 'granted');
    expect(new Set(granted.map(({ source }) => source))).toEqual(new Set([CLIENT4, CLIENT6]));
    for (const [set, address] of [
      ['granted4', CLIENT4],
      ['granted6', CLIENT6],
    ] as const)
      expect((await setElements(scene.pair.target, set)).map(({ key }) => key)).toEqual([[address, 'tcp', 22]]);
    for (const host of [TARGET4, TARGET6]) expect(await scene.isOpen(host)).toBe(true);
  }

  /** Slots that the ledger has noted, by epoch. */
  function slotsUsed(): Map<string, string[]> {
    const folder = join(scene.client.configHome, 'knockgate', 'ledger');
    const gates = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Notes);
    const used = new Map<string, string[]>();
    for (const { slots } of gates)
      for (const [kind, epochs] of Object.entries(slots))
        for (const [epoch, numbers] of Object.entries(epochs))
          used.set(epoch, [...(used.get(epoch) ?? []), ...numbers.map((number) => `${kind} ${number}`)]);
    return used;
  }
});

/** Notes of the ledger about a gate. */
interface Notes {
  slots: Record<string, Record<string, number[]>>;
}

/** Waits until the epoch is young enough for all of a test to fit into it. */
async function untilRoom() {
  const left = EPOCH_MS - (Date.now() % EPOCH_MS);
  if (left < ROOM_MS) await sleep(left + 50);
}
