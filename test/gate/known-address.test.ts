import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAddress } from '../../src/base/addresses.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey, newPrivateKey } from '../../src/spa/keys.ts';
import { type PairKeys, pairKeys } from '../../src/spa/outer.ts';
import { BOUND_SLOTS, epochAt, SLOTS, TAG_LENGTH } from '../../src/spa/tags.ts';
import { CLIENT4, TARGET4 } from '../rig/netns.ts';
import { counters, loadNft, setElements } from '../rig/nft.ts';
import { requestTo } from '../rig/request.ts';
import { type Overrides, Scene, sealFor } from '../rig/scene.ts';
import { OPENED4 } from './single-use/table.ts';

/** Epochs ahead of the present one: of those in force before the table was made, the kernel opens to none. */
const AHEAD = 6;
/** Somebody who sees each knock of the owner's, and is faster. */
const RACER = '192.0.2.77';
/** Another network of the owner's. */
const ELSEWHERE = '192.0.2.78';
/** Another gate, to which the owner knocks, and which is hostile. */
const OTHER_GATE = '192.0.2.200';
/** Seconds; with the second one, a message that is dated so far ahead is in time. */
const TOLERANCES = { first: 10, later: 60 } as const;
const AHEAD_MS = 30_000;

/** Of a grant: longer than a test looks at it, also on a busy machine. */
const SECONDS = 60;

/** Sets of addresses for which the port is open: by the daemon, and by the kernel. */
const LET_IN = ['granted4', OPENED4];

const MISMATCH = { event: 'refused', reason: 'source-mismatch', source: RACER };
const LEFT_OVER = {
  event: 'refused',
  reason: 'replayed',
  source: RACER,
  detail: 'older than a message accepted from another address',
};

/** The five ways by which somebody might become known were found by a simulation of rules that were not taken. */
describe('somebody who sends copies of a client’s knocks does not become known', () => {
  let scene: Scene;
  let colleague: PairKeys;
  let count = 0;
  /** Where the client is known, and where its colleague is. */
  let known = [CLIENT4];
  let colleagueAt: string[] = [];

  beforeAll(async () => {
    const colleagueKey = newPrivateKey(nodeCrypto);
    scene = await Scene.make({
      name: 'racer',
      clientAddresses: [RACER, ELSEWHERE].map((each) => `${each}/24`),
      settings: { clock_tolerance: TOLERANCES.first, addresses: [TARGET4] },
      others: [{ name: 'colleague', key: formatKey(nodeCrypto.publicKey(colleagueKey)) }],
    });
    colleague = pairKeys(nodeCrypto, 'client', colleagueKey, scene.keys.gatePublic);
    expect(await scene.outcome(claimed())).toMatchObject({ event: 'granted', source: CLIENT4 });
    await untilKnown();
  }, 30_000);
  beforeEach(shut);
  afterAll(() => scene?.end());

  /** A message with an ordinary tag, as a client sends it that cannot know its address. */
  function unclaimed(other: Overrides = {}) {
    return scene.seal({ duration: SECONDS, ...other });
  }

  function claimed(source = CLIENT4, other: Overrides = {}) {
    return unclaimed({ source: address(source), ...other });
  }

  /** A message with an address-bound tag. */
  function bound(source = CLIENT4, other: Overrides = {}) {
    const epoch = epochAt(Date.now()) + AHEAD + Math.floor(count / BOUND_SLOTS);
    const place = { kind: 'bound' as const, epoch, slot: count++ % BOUND_SLOTS };
    return sealFor(scene.keys, { ...place, source: address(source), duration: SECONDS, ...other });
  }

  const byRacer = (datagram: Uint8Array) => scene.outcome(datagram, { source: RACER });

  /** Sends what the daemon is silent about: a tag that it does not know, or that is used. */
  async function expectSilence(datagram: Uint8Array, source: string) {
    const since = scene.gate.events.length;
    await scene.send(datagram, { source });
    // Commands are answered after whatever was heard before them.
    expect(await scene.outcome(scene.seal({ action: 'none' }), { source: CLIENT4 })).toMatchObject({
      reason: 'denied',
    });
    expect(scene.gate.events.slice(since).filter((line) => line.source === source && line.reason !== 'denied')).toEqual(
      [],
    );
  }

  async function knownToKernel(): Promise<string[]> {
    return (await setElements(scene.pair.target, 'known4')).map(({ key }) => String(key[1])).sort();
  }

  async function untilKnown() {
    const all = [...known, ...colleagueAt].sort();
    await vi.waitFor(async () => expect(await knownToKernel()).toEqual(all), { timeout: 10_000 });
  }

  /** Known addresses of the client, as they are on disk. */
  function knownOnDisk(key = scene.entry.key): string[] {
    const { clients } = JSON.parse(readFileSync(join(scene.gate.stateDir, 'known-addresses'), 'utf8'));
    return Object.keys(clients[key]?.addresses ?? {}).sort();
  }

  /** Addresses for which the port is open, by daemon or kernel. */
  async function letIn(): Promise<string[]> {
    const sets = await Promise.all(LET_IN.map((set) => setElements(scene.pair.target, set)));
    return [...new Set(sets.flat().map(({ key }) => String(key[0])))].sort();
  }

  /** Packets that the kernel has counted. */
  async function counted(name: string): Promise<number> {
    return (await counters(scene.pair.target)).find((each) => each.name === name)?.packets ?? Number.NaN;
  }

  async function shut() {
    await loadNft(scene.pair.target, LET_IN.map((set) => `flush set inet knockgate ${set}\n`).join(''));
  }

  /** The client is known where it was before, and nowhere else; and from there the kernel lets it in, at once. */
  async function expectOwnerAlone() {
    await shut();
    expect([knownOnDisk(), await knownToKernel()]).toEqual([known, [...known, ...colleagueAt].sort()]);
    const before = await counted('opened');
    expect(await scene.outcome(bound())).toMatchObject({ event: 'granted', source: CLIENT4 });
    expect((await counted('opened')) - before).toBe(1);
    expect(await scene.isOpen()).toBe(true);
    expect(await letIn()).toEqual([CLIENT4]);
  }

  it('1: two messages in flight, the copy of one of them first', async () => {
    const now = Date.now();
    const [first, second] = [claimed(CLIENT4, { timestamp: now - 2 }), claimed(CLIENT4, { timestamp: now - 1 })];
    expect(await byRacer(first)).toMatchObject(MISMATCH);
    expect(await byRacer(second)).toMatchObject(MISMATCH);
    expect(await letIn()).toEqual([]);
    expect(await scene.outcome(second)).toMatchObject({ event: 'granted', source: CLIENT4 });
    expect(await byRacer(first)).toMatchObject(MISMATCH);
    expect(await letIn()).toEqual([CLIENT4]);
    await expectOwnerAlone();
  });

  it('1: the same of a client that cannot claim its address: the racer gets in, which makes neither known', async () => {
    const now = Date.now();
    const [first, second] = [unclaimed({ timestamp: now - 2 }), unclaimed({ timestamp: now - 1 })];
    expect(await byRacer(first)).toMatchObject({ event: 'granted', source: RACER });
    expect(await scene.outcome(second, { source: ELSEWHERE })).toMatchObject({ event: 'granted', source: ELSEWHERE });
    await expectOwnerAlone();
  });

  it('2: a colleague gets in from the racer’s address, and is known there', async () => {
    const place = { kind: 'ordinary' as const, epoch: epochAt(Date.now()), slot: SLOTS.usual - 1 };
    const own = sealFor(colleague, { ...place, ...requestTo(TARGET4, { source: address(RACER), duration: SECONDS }) });
    expect(await byRacer(own)).toMatchObject({ event: 'granted', client: 'colleague', source: RACER });
    colleagueAt = [RACER];
    await untilKnown();
    expect(knownOnDisk(formatKey(colleague.clientPublic))).toEqual([RACER]);
    for (const copy of [claimed(), bound()]) expect(await byRacer(copy)).toMatchObject(MISMATCH);
    expect(await byRacer(unclaimed())).toMatchObject({ event: 'granted', client: scene.entry.name });
    expect(knownOnDisk()).toEqual([CLIENT4]);
    await shut();
    // The client's tag from an address that is known, but for the colleague.
    expect(await byRacer(bound())).toMatchObject(MISMATCH);
    expect(await letIn()).toEqual([]);
    await expectOwnerAlone();
  });

  it('3: the client has lost its ledger, and uses a tag again', async () => {
    const place = scene.place();
    const [kept, again, third] = [claimed(CLIENT4, place), claimed(CLIENT4, place), claimed(CLIENT4, place)];
    expect(await byRacer(kept)).toMatchObject(MISMATCH);
    expect(await scene.outcome(again)).toMatchObject({ event: 'granted', source: CLIENT4 });
    for (const copy of [kept, again, third]) await expectSilence(copy, RACER);
    await expectSilence(third, CLIENT4);
    expect(await letIn()).toEqual([CLIENT4]);
    await expectOwnerAlone();
  });

  it('4: a knock port is blocked: what was sent to it never arrived, and somebody has it', async () => {
    const now = Date.now();
    const sent = [
      claimed(CLIENT4, { timestamp: now - 3 }),
      unclaimed({ timestamp: now - 2 }),
      unclaimed({ timestamp: now - 1 }),
    ];
    const [, , named = new Uint8Array()] = sent;
    await loadNft(scene.pair.target, BLOCKED);
    for (const each of sent) await scene.send(each);
    // The next wave, to the other knock port.
    const next = unclaimed({ timestamp: now, earlier: [named.subarray(0, TAG_LENGTH)] });
    expect(await scene.outcome(next, { port: 62201 })).toMatchObject({ event: 'granted', source: CLIENT4 });
    await loadNft(scene.pair.target, 'delete table inet blocked\n');
    const [first = named, second = named] = sent;
    expect(await byRacer(first)).toMatchObject(MISMATCH);
    expect(await byRacer(second)).toMatchObject(LEFT_OVER);
    await expectSilence(named, RACER);
    expect(await letIn()).toEqual([CLIENT4]);
    await expectOwnerAlone();
  });

  it('5: another gate hands on what was meant for it', async () => {
    const elsewhere = { destination: address(OTHER_GATE) };
    for (const datagram of [unclaimed(elsewhere), claimed(RACER, elsewhere)])
      expect(await byRacer(datagram)).toMatchObject({ event: 'refused', reason: 'destination-mismatch' });
    for (const datagram of [claimed(CLIENT4, elsewhere), bound(CLIENT4, elsewhere)])
      expect(await byRacer(datagram)).toMatchObject(MISMATCH);
    expect(await letIn()).toEqual([]);
    await expectOwnerAlone();
  });

  it('and an address that was learnt in one network opens nothing for a knock sent from another', async () => {
    // Somebody who has the client's former address now sees each knock that it sends from elsewhere.
    const former = { source: CLIENT4 };
    const knock = claimed(ELSEWHERE);
    expect(await scene.outcome(knock, former)).toMatchObject({ reason: 'source-mismatch', source: CLIENT4 });
    await expectJunk(bound(ELSEWHERE), [CLIENT4, ELSEWHERE]);
    expect(await letIn()).toEqual([]);
    expect(await scene.outcome(knock, { source: ELSEWHERE })).toMatchObject({ event: 'granted', source: ELSEWHERE });
    known = [CLIENT4, ELSEWHERE];
    await untilKnown();
    await shut();
    const copied = bound(ELSEWHERE);
    expect(await scene.outcome(copied, former)).toMatchObject({ reason: 'source-mismatch', source: CLIENT4 });
    expect(await letIn()).toEqual([]);
    expect(await scene.outcome(copied, { source: ELSEWHERE })).toMatchObject({ event: 'granted', source: ELSEWHERE });
    expect(await letIn()).toEqual([ELSEWHERE]);
    await expectOwnerAlone();
  });

  it('and where the client’s clock is ahead: its knocks come too early, and somebody keeps them until they are in time', async () => {
    const ahead = Date.now() + AHEAD_MS;
    const early = [
      claimed(CLIENT4, { timestamp: ahead }),
      unclaimed({ timestamp: ahead }),
      unclaimed({ timestamp: ahead }),
    ];
    const [first = new Uint8Array(), second = first, third = first] = early;
    for (const each of early)
      expect(await scene.outcome(each)).toMatchObject({ event: 'refused', reason: 'clock-skew', source: CLIENT4 });
    // From a known address the kernel opens on arrival, for the owner: the tag is used.
    const atOnce = bound(CLIENT4, { timestamp: ahead });
    const before = await counted('opened');
    expect(await scene.outcome(atOnce)).toMatchObject({ event: 'refused', reason: 'clock-skew' });
    expect((await counted('opened')) - before).toBe(1);
    // The clock is right now: the attempt goes on, and names what it has sent.
    const next = unclaimed({ earlier: [second.subarray(0, TAG_LENGTH)] });
    expect(await scene.outcome(next)).toMatchObject({ event: 'granted', source: CLIENT4 });
    // The time comes at which they are good.
    await scene.reconfigure({}, { clock_tolerance: TOLERANCES.later });
    await shut();
    for (const copy of [first, atOnce]) expect(await byRacer(copy)).toMatchObject(MISMATCH);
    await expectSilence(second, RACER);
    // A newer knock from the owner, by the clock that is ahead.
    expect(await scene.outcome(unclaimed({ timestamp: ahead + 1 }))).toMatchObject({ event: 'granted' });
    expect(await byRacer(third)).toMatchObject(LEFT_OVER);
    await expectOwnerAlone();
  });

  it('and there is nothing for the racer when no daemon runs', async () => {
    await scene.gate.kill9();
    const copy = bound();
    for (const each of [copy, claimed(), unclaimed()]) await scene.send(each, { source: RACER });
    expect(await letIn()).toEqual([]);
    await scene.send(copy);
    expect(await letIn()).toEqual([CLIENT4]);
    expect(await scene.isOpen()).toBe(true);
  });

  async function expectJunk(datagram: Uint8Array, sources: readonly string[]) {
    const before = await counted('junk');
    for (const source of sources) await scene.send(datagram, { source });
    expect((await counted('junk')) - before).toBe(sources.length);
  }
});

const BLOCKED = `table inet blocked {
  chain in { type filter hook prerouting priority -400; udp dport 443 drop; }
}
`;

function address(text: string) {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
