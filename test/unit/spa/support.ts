import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { RequestedPort } from '../../../src/base/ports.ts';
import type { CryptoProvider } from '../../../src/spa/crypto.ts';
import { nobleCrypto } from '../../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { type PairKeys, pairKeys } from '../../../src/spa/outer.ts';
import { type AccessRequest, MOST_EARLIER } from '../../../src/spa/payload.ts';

/** Both providers, under the name that a test title shows. One suite body runs over each. */
export const PROVIDERS: readonly { readonly name: string; readonly crypto: CryptoProvider }[] = [
  { name: 'node', crypto: nodeCrypto },
  { name: 'noble', crypto: nobleCrypto((length) => Uint8Array.from(randomBytes(length))) },
];

/** Every pair of providers: one seals, one opens. */
export const CROSSINGS = PROVIDERS.flatMap((sealer) => PROVIDERS.map((opener) => ({ sealer, opener })));

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Bytes that depend on a label alone: keys for tests. */
export function bytesOf(label: string, length = 32): Uint8Array {
  return bytesFrom(label)(length);
}

/** A source of bytes that look random, the same in every run. */
export function bytesFrom(seed: string): (length: number) => Uint8Array {
  let block = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const digest = createHash('sha256').update(`${seed} ${block++}`).digest();
      bytes.set(digest.subarray(0, Math.min(32, length - offset)), offset);
    }
    return bytes;
  };
}

/** Keys of one client and one gate, from both sides. */
export interface Pair {
  readonly gatePrivate: Uint8Array;
  readonly atClient: PairKeys;
  readonly atGate: PairKeys;
}

export function pairOf(crypto: CryptoProvider, label: string, psk?: Uint8Array): Pair {
  const clientPrivate = bytesOf(`${label} client`);
  const gatePrivate = bytesOf(`${label} gate`);
  return {
    gatePrivate,
    atClient: pairKeys(crypto, 'client', clientPrivate, crypto.publicKey(gatePrivate), psk),
    atGate: pairKeys(crypto, 'gate', gatePrivate, crypto.publicKey(clientPrivate), psk),
  };
}

/** A copy with one bit turned over, counted from the first byte's lowest. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

export function bytesArbitrary(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

export const portArbitrary: fc.Arbitrary<RequestedPort> = fc.record({
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  port: fc.integer({ min: 1, max: 65535 }),
});

/** Any request that a client can write down. One with many ports and many earlier tags is too long for a datagram. */
export const requestArbitrary: fc.Arbitrary<AccessRequest> = fc.record({
  timestamp: fc.maxSafeNat(),
  source: fc.option(bytesArbitrary(16), { nil: undefined }),
  destination: bytesArbitrary(16),
  duration: fc.integer({ min: 0, max: 65535 }),
  ports: fc.uniqueArray(portArbitrary, { maxLength: 255, selector: ({ protocol, port }) => `${protocol}/${port}` }),
  action: fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => Buffer.byteLength(text) <= 255),
  earlier: fc.uniqueArray(bytesArbitrary(16), { maxLength: MOST_EARLIER, selector: hex }),
});

export const PLAIN_REQUEST: AccessRequest = {
  timestamp: 1_760_000_000_000,
  source: undefined,
  destination: new Uint8Array(16),
  duration: 0,
  ports: [],
  action: '',
  earlier: [],
};
