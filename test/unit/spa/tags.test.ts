import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import {
  BOUND_SLOTS,
  EPOCH_SECONDS,
  epochAt,
  epochsWithin,
  placeKeyOf,
  SLOTS,
  type TagKind,
  tagOf,
  tagsOf,
} from '../../../src/spa/tags.ts';
import { bytesOf, CROSSINGS, hex, PROVIDERS, pairOf, unhex } from './support.ts';

const KEY = bytesOf('tagKey');
const EPOCH = 58_666_666;
/** Every kind with its slots. */
const KINDS: readonly [TagKind, number][] = [
  ['ordinary', SLOTS.most],
  ['bound', BOUND_SLOTS],
];

function addressOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

describe.each(PROVIDERS)('tags with $name', ({ crypto }) => {
  const placeKey = (address: string, key = KEY) => hex(placeKeyOf(crypto, key, addressOf(address)));

  it.each([
    // openssl enc -aes-256-ecb -nopad of 00000000037f2eaa and the second half of the block, under the key 00 01 .. 1f
    ['ordinary', 0, '3802a7f42d140177f3dc7a0473697f28'],
    ['ordinary', 63, 'b1957bcd7656a1fb49c69e49bb95831b'],
    ['bound', 7, '54eb68ea840d17b80df5f309d38d19f0'],
  ] as const)('%s, slot %i, by OpenSSL', (kind, slot, tag) => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(hex(tagOf(crypto, key, { kind, epoch: EPOCH, slot }))).toBe(tag);
  });

  it('every kind, slot, epoch, place and pair has tags of its own', () => {
    const tags: string[] = [];
    const pairs = [pairOf(crypto, 'a'), pairOf(crypto, 'a', bytesOf('psk')), pairOf(crypto, 'b')];
    for (const { tagKey } of pairs.map(({ atGate }) => atGate)) {
      const places = ['203.0.113.7', '203.0.113.8', '2001:db8::1', '2001:db8:0:1::1'].map(addressOf);
      for (const key of [tagKey, ...places.map((place) => placeKeyOf(crypto, tagKey, place))])
        for (let epoch = EPOCH; epoch < EPOCH + 4; epoch++)
          for (const [kind, count] of KINDS) tags.push(...tagsOf(crypto, key, kind, epoch, count).map(hex));
    }
    expect(tags).toHaveLength(pairs.length * 5 * 4 * (SLOTS.most + BOUND_SLOTS));
    expect(new Set(tags).size).toBe(tags.length);
    expect(tags.every((tag) => tag.length === 32)).toBe(true);
  });

  it.each(KINDS)('all %s ones at once are the same as each by itself', (kind, count) => {
    const each = Array.from({ length: count }, (_, slot) => tagOf(crypto, KEY, { kind, epoch: EPOCH, slot }));
    expect(tagsOf(crypto, KEY, kind, EPOCH, count).map(hex)).toEqual(each.map(hex));
    expect(tagsOf(crypto, KEY, kind, EPOCH, 3).map(hex)).toEqual(each.slice(0, 3).map(hex));
    expect(tagsOf(crypto, KEY, kind, EPOCH, 0)).toEqual([]);
  });

  it('each has memory of its own', () => {
    const [first, second] = tagsOf(crypto, KEY, 'ordinary', EPOCH, 2);
    const before = hex(second ?? new Uint8Array());
    first?.fill(0);
    expect(hex(second ?? new Uint8Array())).toBe(before);
    expect(first?.buffer.byteLength).toBe(16);
    expect(tagOf(crypto, KEY, { kind: 'ordinary', epoch: EPOCH, slot: 0 }).buffer.byteLength).toBe(16);
  });

  it.each([-1, 0.5, 256, Number.NaN])('slot %d has no tag: its encoding would be that of another slot', (slot) => {
    for (const [kind] of KINDS) expect(() => tagOf(crypto, KEY, { kind, epoch: 1, slot })).toThrow(RangeError);
  });

  it.each(KINDS)('the %s slots are those of a gate', (kind, count) => {
    expect(() => tagOf(crypto, KEY, { kind, epoch: 1, slot: count - 1 })).not.toThrow();
    expect(() => tagOf(crypto, KEY, { kind, epoch: 1, slot: count })).toThrow(RangeError);
    expect(() => tagsOf(crypto, KEY, kind, 1, count + 1)).toThrow(RangeError);
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])('epoch %d has no tag', (epoch) => {
    expect(() => tagOf(crypto, KEY, { kind: 'ordinary', epoch, slot: 0 })).toThrow(RangeError);
    expect(() => tagsOf(crypto, KEY, 'bound', epoch, 1)).toThrow(RangeError);
  });

  it('the addresses of one IPv6 /64 share a place key', () => {
    const shared = placeKey('2001:db8:0:7::');
    for (const host of ['2001:db8:0:7::1', '2001:db8:0:7:ffff:ffff:ffff:ffff', '2001:db8:0:7:8000::'])
      expect(placeKey(host)).toBe(shared);
    for (const other of ['2001:db8:0:6::1', '2001:db8:0:8::', '3001:db8:0:7::1'])
      expect(placeKey(other)).not.toBe(shared);
  });

  it('each IPv4 address has a place key of its own', () => {
    const keys = ['203.0.113.7', '203.0.113.6', '203.0.112.7', '75.0.113.7', '::', '::1'].map((text) => placeKey(text));
    // `::` and `::1` are of one /64, to which an IPv4 address belongs only in its mapped form.
    expect(new Set(keys).size).toBe(5);
    expect(placeKey('::ffff:203.0.113.7')).toBe(placeKey('203.0.113.7'));
  });

  it('another client has another key for the same place', () => {
    expect(placeKey('203.0.113.7', bytesOf('other'))).not.toBe(placeKey('203.0.113.7'));
  });

  it('does not change the address that it is given', () => {
    const address = addressOf('2001:db8::1');
    placeKeyOf(crypto, KEY, address);
    expect(hex(address)).toBe(hex(unhex('20010db8000000000000000000000001')));
  });
});

describe.each(CROSSINGS)('$sealer.name and $opener.name', ({ sealer, opener }) => {
  it('make the same tags of the same keys', () => {
    const label = fc.string({ maxLength: 8 });
    const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(label, address, fc.nat(2 ** 32), (name, place, epoch) => {
        const key = placeKeyOf(sealer.crypto, bytesOf(name), place);
        expect(hex(key)).toBe(hex(placeKeyOf(opener.crypto, bytesOf(name), place)));
        for (const [kind, count] of KINDS)
          expect(tagsOf(sealer.crypto, key, kind, epoch, count).map(hex)).toEqual(
            tagsOf(opener.crypto, key, kind, epoch, count).map(hex),
          );
      }),
      { numRuns: 50 },
    );
  });
});

describe('epochs', () => {
  it.each([
    [0, 0],
    [29_999, 0],
    [30_000, 1],
    [30_000.5, 1],
    [1_760_000_009_999, 58_666_666],
    [1_760_000_010_000, 58_666_667],
    [-1, -1],
    [-30_000, -1],
    [-30_001, -2],
  ])('of %d ms is %i', (unixMs, epoch) => {
    expect(epochAt(unixMs)).toBe(epoch);
  });

  it.each([
    // A tolerance of 60 s reaches 5 epochs, whatever the phase: its span is a whole number of epochs.
    [1_760_000_010_000, 60_000, [58_666_665, 58_666_669]],
    [1_760_000_039_999, 60_000, [58_666_665, 58_666_669]],
    [1_760_000_010_000, 0, [58_666_667, 58_666_667]],
    [1_760_000_010_000, 1, [58_666_666, 58_666_667]],
    [1_760_000_039_999, 1, [58_666_667, 58_666_668]],
    [1_760_000_010_000, 45_000, [58_666_665, 58_666_668]],
  ])('around %d ms with a tolerance of %i ms', (unixMs, tolerance, [first, last]) => {
    const epochs = epochsWithin(unixMs, tolerance);
    expect([epochs.at(0), epochs.at(-1)]).toEqual([first, last]);
  });

  it('within a tolerance are exactly those of its moments', () => {
    const moment = fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(moment, fc.nat(600_000), fc.double({ min: 0, max: 1, noNaN: true }), (now, tolerance, part) => {
        const epochs = epochsWithin(now, tolerance);
        const between = now - tolerance + Math.floor(2 * tolerance * part);
        expect(epochs).toContain(epochAt(between));
        expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
        expect(epochs[0]).toBe(epochAt(now - tolerance));
        expect(epochs.length).toBeLessThanOrEqual(Math.ceil((2 * tolerance) / (EPOCH_SECONDS * 1000)) + 1);
      }),
    );
  });
});
