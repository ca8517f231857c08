import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import { EPOCH_SECONDS, epochAt, epochsWithin, mask, NO_PSK, pairKeys, SLOTS, tagOf } from '../../../src/spa/outer.ts';
import { bytesArbitrary, bytesOf, hex, PROVIDERS, pairOf } from './support.ts';

describe.each(PROVIDERS)('outer layer with $name', ({ crypto }) => {
  it('both sides derive the same', () => {
    fc.assert(
      fc.property(bytesArbitrary(32), bytesArbitrary(32), bytesArbitrary(32), (client, gate, psk) => {
        const atClient = pairKeys(crypto, 'client', client, crypto.publicKey(gate), psk);
        expect(atClient).toEqual(pairKeys(crypto, 'gate', gate, crypto.publicKey(client), psk));
      }),
      { numRuns: 30 },
    );
  });

  it('no psk is 32 zero bytes', () => {
    expect(NO_PSK).toEqual(new Uint8Array(32));
    expect(pairOf(crypto, 'pair').atGate).toEqual(pairOf(crypto, 'pair', NO_PSK).atGate);
  });

  it('keys and psk all count, and the sides cannot be swapped', () => {
    const [client, gate] = [bytesOf('client'), bytesOf('gate')];
    const [clientPublic, gatePublic] = [crypto.publicKey(client), crypto.publicKey(gate)];
    const derived = [
      pairKeys(crypto, 'client', client, gatePublic),
      pairKeys(crypto, 'client', client, gatePublic, bytesOf('psk')),
      pairKeys(crypto, 'client', bytesOf('other client'), gatePublic),
      pairKeys(crypto, 'client', client, crypto.publicKey(bytesOf('other gate'))),
      pairKeys(crypto, 'client', gate, clientPublic),
    ];
    const keys = derived.flatMap(({ tagKey, maskKey }) => [hex(tagKey), hex(maskKey)]);
    expect(new Set(keys).size).toBe(2 * derived.length);
  });

  it('a peer of low order is refused', () => {
    expect(() => pairKeys(crypto, 'gate', bytesOf('gate'), new Uint8Array(32))).toThrow();
  });

  it('every place of every pair has a tag of its own', () => {
    const tags = new Set<string>();
    const pairs = [pairOf(crypto, 'a'), pairOf(crypto, 'a', bytesOf('psk')), pairOf(crypto, 'b')];
    for (const { atGate } of pairs) {
      for (let epoch = 58_666_660; epoch < 58_666_670; epoch++)
        for (let slot = 0; slot < SLOTS.most; slot++) {
          const tag = tagOf(crypto, atGate.tagKey, epoch, slot);
          expect(tag).toHaveLength(8);
          tags.add(hex(tag));
        }
    }
    expect(tags.size).toBe(pairs.length * 10 * SLOTS.most);
  });

  it.each([-1, 64, 256, 0.5, Number.NaN])('slot %d has no tag: as a byte it would be another', (slot) => {
    expect(() => tagOf(crypto, bytesOf('tagKey'), 1, slot)).toThrow(RangeError);
  });

  it('an epoch that is not a whole number has no tag', () => {
    expect(() => tagOf(crypto, bytesOf('tagKey'), 1.5, 0)).toThrow(RangeError);
    expect(() => tagOf(crypto, bytesOf('tagKey'), Number.NaN, 0)).toThrow(RangeError);
  });

  it('the mask takes itself off again, and hangs on the last 16 bytes alone', () => {
    fc.assert(
      fc.property(
        bytesArbitrary(32),
        bytesArbitrary(32),
        fc.uint8Array(),
        bytesArbitrary(16),
        (key, e, head, sample) => {
          const masked = mask(crypto, key, e, sample);
          expect(hex(mask(crypto, key, masked, concat(head, sample)))).toBe(hex(e));
          expect(hex(masked)).not.toBe(hex(e));
        },
      ),
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
