import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import { mask, NO_PSK, pairKeys } from '../../../src/spa/outer.ts';
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
    const keys = derived.flatMap(({ tagKey, maskKey, hedgeKey }) => [tagKey, maskKey, hedgeKey].map(hex));
    expect(new Set(keys).size).toBe(3 * derived.length);
  });

  it('a peer of low order is refused', () => {
    expect(() => pairKeys(crypto, 'gate', bytesOf('gate'), new Uint8Array(32))).toThrow();
  });

  it('masking twice gives the same bytes, and the mask depends on the last 16 bytes alone', () => {
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
