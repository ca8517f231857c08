import { expect } from 'vitest';
import type { Pauses } from '../../../../server-helper/daemon/pauses.ts';
import type { TagPlan } from '../../../../server-helper/daemon/tag-plan.ts';
import { TagRotation } from '../../../../server-helper/daemon/tag-rotation.ts';
import { boundSources, ordinarySource, PlaceNumbers } from '../../../../server-helper/daemon/tag-sources.ts';
import { TagIndex } from '../../../../server-helper/verify/tags.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { EPOCH_SECONDS, epochAt, epochsWithin, placeKeyOf, tagsOf } from '../../../../src/spa/tags.ts';
import { ALICE, address, BOB, FakeClock, loadedFrom, SHORTEST, SOURCE } from '../support.ts';
import { hexOf, RecordingFirewall } from './support.ts';

/* A rotation of tags on a firewall that records; for the tests of it. */

export const TOLERANCE = 60_000;
export const SLOTS = 8;
export const BUDGET = { ahead: 4, boundSlots: 4, addresses: 6 };
export const EPOCH_MS = EPOCH_SECONDS * 1000;
export const BOTH = `${SHORTEST}[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`;
export const ELSEWHERE = address('192.0.2.66');

export const noPauses: Pauses = {
  turn: async () => {},
  briefly: async () => {},
  atLeisure: async () => {},
  areOthersWaiting: () => false,
};

export interface Rules {
  readonly text?: string;
  /** Addresses at which every client is known. */
  readonly known?: readonly Uint8Array[];
  readonly plan?: Partial<TagPlan>;
}

/** Numbers of places outlive a reload. */
const numbers = new PlaceNumbers();

export function planOf({ text = SHORTEST, known = [], plan = {} }: Rules = {}): TagPlan {
  const { isOrdinaryAhead = false } = plan;
  const sources = loadedFrom(text).clients.flatMap((client) => [
    ...boundSources(nodeCrypto, numbers, client, known),
    ordinarySource(client, isOrdinaryAhead),
  ]);
  return { toleranceMs: TOLERANCE, slots: SLOTS, budget: BUDGET, isOrdinaryAhead, sources, ...plan };
}

export function rig(rules: Rules = {}, pauses = noPauses) {
  const clock = new FakeClock();
  const firewall = new RecordingFirewall(clock);
  const index = new TagIndex(nodeCrypto);
  const rotation = new TagRotation(clock, firewall, index, pauses, planOf(rules));
  return { clock, firewall, index, rotation };
}

export async function filled(...given: Parameters<typeof rig>) {
  const made = rig(...given);
  await made.rotation.fill();
  made.firewall.calls.length = 0;
  made.firewall.touched = 0;
  return made;
}

const tagKey = loadedFrom(SHORTEST).clients[0]?.pair.tagKey ?? new Uint8Array(32);
const made = (key: Uint8Array, kind: 'ordinary' | 'bound', epochs: readonly number[], count: number) =>
  epochs.flatMap((epoch) => tagsOf(nodeCrypto, key, kind, epoch, count).map(hexOf)).sort();
/** Alice's tags in some epochs. */
export const ordinaryIn = (epochs: readonly number[], slots = SLOTS) => made(tagKey, 'ordinary', epochs, slots);
export const boundIn = (epochs: readonly number[], slots = BUDGET.boundSlots) =>
  made(placeKeyOf(nodeCrypto, tagKey, SOURCE), 'bound', epochs, slots);
export const nearAt = (now: number, tolerance = TOLERANCE) => epochsWithin(now, tolerance);
export const aheadAt = (now: number, ahead = BUDGET.ahead) =>
  Array.from({ length: ahead }, (_, i) => epochAt(now + TOLERANCE) + 1 + i);
/** The tags that alice, known at `SOURCE`, should have in the kernel. */
export const allAt = (now: number) =>
  [...ordinaryIn(nearAt(now)), ...boundIn([...nearAt(now), ...aheadAt(now)])].sort();
/** Alice's bound knock in an epoch so many behind the present one. */
export const boundKnock = (clock: FakeClock, epochs = 0, slot = 0) =>
  ALICE.seal(clock.wall() + epochs * EPOCH_MS, slot, { source: SOURCE }, 'bound');

export const MANY = {
  sources: Array.from({ length: 600 }, (_, i) => {
    const client = loadedFrom(SHORTEST).clients[0] ?? expect.fail();
    return ordinarySource({ ...client, pair: { ...client.pair, tagKey: Buffer.alloc(32, `key ${i}`) } }, false);
  }),
};
