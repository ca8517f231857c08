import { describe, expect, it } from 'vitest';
import { boundSources, ordinarySource, PlaceNumbers } from '../../../../server-helper/daemon/tag-sources.ts';
import { type IssuedTags, TagIndex, type TagSource } from '../../../../server-helper/verify/tags.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { ALICE, BOB, loadedFrom, SHORTEST, SOURCE, WALL } from '../support.ts';

const EPOCH = epochAt(WALL);
const [alice, bob] = loadedFrom(`${SHORTEST}[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`).clients;
if (alice === undefined || bob === undefined) throw new Error('no clients');
const [OF_ALICE, OF_BOB] = [ordinarySource(alice, false), ordinarySource(bob, false)];
const [BOUND] = boundSources(nodeCrypto, new PlaceNumbers(), alice, [SOURCE]);
if (BOUND === undefined) throw new Error('no bound source');

const issuedOf = (source: TagSource, epoch = EPOCH, count = 8): IssuedTags => {
  return { source, epoch, count, isDaemonOnly: source.kind === 'ordinary' };
};
const tagOf = (datagram: Uint8Array) => datagram.subarray(0, 16);
const hex = (tags: readonly Uint8Array[]) => tags.map((tag) => Buffer.from(tag).toString('hex'));
const filled = (...issued: IssuedTags[]) => {
  const index = new TagIndex(nodeCrypto);
  for (const each of issued) index.add(each);
  return index;
};
const nameOf = (issued: IssuedTags | undefined) => issued?.source.client.policy.name;

describe('the tags of a source', () => {
  it('are those that its client sends, each slot once', () => {
    const index = new TagIndex(nodeCrypto);
    const tags = index.add(issuedOf(OF_ALICE));
    expect(tags).toEqual(Array.from({ length: 8 }, (_, slot) => hex([tagOf(ALICE.seal(WALL, slot))])[0]));
    expect(new Set(tags).size).toBe(8);
  });

  it('are, for an address, those that the client binds to it', () => {
    const index = filled(issuedOf(BOUND));
    const bound = ALICE.seal(WALL, 3, { source: SOURCE }, 'bound');
    expect(index.find(bound)?.source).toBe(BOUND);
    expect(index.find(ALICE.seal(WALL, 3, { source: SOURCE }))).toBeUndefined();
  });

  it('leave out the ones that were used', () => {
    const index = new TagIndex(nodeCrypto);
    const used = tagOf(ALICE.seal(WALL, 2));
    index.noteUsed([used], EPOCH);
    const tags = index.add(issuedOf(OF_ALICE));
    expect(tags).toHaveLength(7);
    expect(tags).not.toContain(hex([used])[0]);
    expect(index.remove(issuedOf(OF_ALICE))).toEqual(tags);
  });
});

describe('a tag', () => {
  it('belongs to one client until it is used, and looking it up does not use it', () => {
    const index = filled(issuedOf(OF_ALICE), issuedOf(OF_BOB));
    const datagram = ALICE.seal(WALL, 2);
    expect([index.find(datagram), index.find(datagram)].map(nameOf)).toEqual(['alice', 'alice']);
    expect(nameOf(index.use(tagOf(datagram)))).toBe('alice');
    expect(index.find(datagram)).toBeUndefined();
    expect(index.use(tagOf(datagram))).toBeUndefined();
    expect(nameOf(index.holderOf(tagOf(datagram)))).toBe('alice');
    expect([ALICE.seal(WALL, 3), BOB.seal(WALL, 2)].map((each) => nameOf(index.find(each)))).toEqual(['alice', 'bob']);
  });

  it('of another epoch or slot, of nobody, or cut short is nobody’s', () => {
    const index = filled(issuedOf(OF_ALICE));
    const strange = [ALICE.seal(WALL + 30_000, 2), ALICE.seal(WALL, 8), BOB.seal(WALL, 2), new Uint8Array(200)];
    const short = [tagOf(ALICE.seal(WALL, 2)).subarray(0, 15), new Uint8Array(0)];
    for (const datagram of [...strange, ...short]) expect(index.find(datagram)).toBeUndefined();
    expect(index.use(tagOf(BOB.seal(WALL, 2)))).toBeUndefined();
    // Nobody's tag is not remembered either.
    index.add(issuedOf(OF_BOB));
    expect(nameOf(index.find(BOB.seal(WALL, 2)))).toBe('bob');
  });

  it('is found, and used, where the datagram is part of a larger buffer', () => {
    const index = filled(issuedOf(OF_ALICE));
    const packet = Buffer.concat([Buffer.alloc(28, 0xff), ALICE.seal(WALL, 2)]).subarray(28);
    expect(nameOf(index.find(packet))).toBe('alice');
    expect(nameOf(index.use(packet))).toBe('alice');
    packet.fill(0);
    expect(index.find(ALICE.seal(WALL, 2))).toBeUndefined();
  });
});

describe('tags that are removed', () => {
  it('belong to no client, and those of others stay', () => {
    const [ofAlice, ofBob] = [issuedOf(OF_ALICE), issuedOf(OF_BOB)];
    const index = filled(ofAlice, ofBob);
    index.remove(ofAlice);
    expect([ALICE, BOB].map((device) => nameOf(index.find(device.seal(WALL, 1))))).toEqual([undefined, 'bob']);
  });

  it('do not remove the ones that replaced them', () => {
    const [before, after] = [issuedOf(OF_ALICE), issuedOf(OF_ALICE)];
    const index = filled(before, after);
    index.remove(before);
    expect(index.find(ALICE.seal(WALL, 1))).toBe(after);
  });
});

describe('what was used', () => {
  it('stays known when the tags are made again', () => {
    const index = filled(issuedOf(OF_ALICE));
    index.use(tagOf(ALICE.seal(WALL, 2)));
    index.clear();
    expect(index.find(ALICE.seal(WALL, 3))).toBeUndefined();
    expect(index.add(issuedOf(OF_ALICE))).toHaveLength(7);
    expect(index.find(ALICE.seal(WALL, 2))).toBeUndefined();
    expect(nameOf(index.find(ALICE.seal(WALL, 3)))).toBe('alice');
  });

  it('is forgotten with its epoch, and not before', () => {
    const index = filled(issuedOf(OF_ALICE), issuedOf(OF_ALICE, EPOCH + 1));
    index.use(tagOf(ALICE.seal(WALL, 2)));
    index.forgetBefore(EPOCH);
    expect(index.add(issuedOf(OF_ALICE))).toHaveLength(7);
    index.forgetBefore(EPOCH + 1);
    expect(index.find(ALICE.seal(WALL, 3))).toBeUndefined();
    expect(nameOf(index.find(ALICE.seal(WALL + 30_000, 2)))).toBe('alice');
    // A clock that is set back brings the epoch back; `TagRotation` then leaves its tags to the daemon.
    expect(index.add(issuedOf(OF_ALICE))).toHaveLength(8);
  });

  it('before the tags were made is kept until the given epoch', () => {
    const index = new TagIndex(nodeCrypto);
    index.noteUsed([tagOf(ALICE.seal(WALL, 2))], EPOCH + 5);
    index.forgetBefore(EPOCH + 5);
    expect(index.add(issuedOf(OF_ALICE))).toHaveLength(7);
    index.forgetBefore(EPOCH + 6);
    expect(index.add(issuedOf(OF_ALICE))).toHaveLength(8);
  });
});

describe('a tag that its client names before it is made', () => {
  const AHEAD = issuedOf(OF_ALICE, EPOCH + 5);
  const aheadOf = (slot: number) => tagOf(ALICE.seal(WALL + 5 * 30_000, slot));
  const publicOf = ({ pair }: typeof alice) => pair.clientPublic;
  /** Tags of nobody, which differ. */
  const strange = (count: number) => Array.from({ length: count }, (_, i) => new Uint8Array(16).fill(i + 1));

  it.each([
    ['used once it is made', publicOf(alice), 7],
    ['as good as before where another client names it', publicOf(bob), 8],
  ])('is %s', (_, client, good) => {
    const index = new TagIndex(nodeCrypto);
    index.useWhenMade(aheadOf(2), client);
    expect(index.add(AHEAD)).toHaveLength(good);
  });

  it('is remembered beside 63 others, however often these are named', () => {
    const index = new TagIndex(nodeCrypto);
    index.useWhenMade(aheadOf(2), publicOf(alice));
    for (const tag of [...strange(63), ...strange(63)]) index.useWhenMade(tag, publicOf(alice));
    expect(index.add(AHEAD)).toHaveLength(7);
  });

  it('is forgotten for 64 newer ones, so that a client cannot fill memory', () => {
    const index = new TagIndex(nodeCrypto);
    for (const tag of [aheadOf(2), aheadOf(3), aheadOf(2), ...strange(63)]) index.useWhenMade(tag, publicOf(alice));
    expect(index.add(AHEAD)).toEqual(hex([0, 1, 3, 4, 5, 6, 7].map(aheadOf)));
  });

  it.each([
    ['stays while its client does', [OF_ALICE], 7],
    ['is forgotten with its client', [OF_BOB], 8],
  ])('%s', (_, sources, good) => {
    const index = new TagIndex(nodeCrypto);
    index.useWhenMade(aheadOf(2), publicOf(alice));
    index.forgetNamedBut(sources);
    expect(index.add(AHEAD)).toHaveLength(good);
  });
});
