import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import type { CryptoProvider } from '../../../src/spa/crypto.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import {
  DATAGRAM_LENGTH,
  hasMessageLength,
  type Opened,
  openMessage,
  sealMessage,
  sealWith,
} from '../../../src/spa/message.ts';
import { writeMessage } from '../../../src/spa/noise.ts';
import { mask } from '../../../src/spa/outer.ts';
import { type AccessRequest, encodePayload, payloadLength } from '../../../src/spa/payload.ts';
import { BOUND_SLOTS, placeKeyOf, type TagSlot, tagOf } from '../../../src/spa/tags.ts';
import {
  bytesArbitrary,
  bytesFrom,
  bytesOf,
  CROSSINGS,
  flipped,
  hex,
  type Pair,
  PLAIN_REQUEST,
  PROVIDERS,
  pairOf,
  requestArbitrary,
  unhex,
} from './support.ts';

const PLACE: TagSlot = { kind: 'ordinary', epoch: 58_666_666, slot: 5 };
const SOURCE = bytesOf('source', 16);
/** Bytes of a datagram besides its payload. */
const OVERHEAD = 64;
const UNAUTHENTIC: Opened = { ok: false, reason: 'unauthentic' };
const MALFORMED: Opened = { ok: false, reason: 'malformed' };

/** Seals any payload, also one that no client would send. */
function sealPayload(crypto: CryptoProvider, { atClient }: Pair, payload: Uint8Array): Uint8Array {
  const tag = tagOf(crypto, atClient.tagKey, PLACE);
  const keys = {
    prologue: concat(utf8('knockgate/2'), tag),
    psk: atClient.psk,
    initiator: atClient.clientPublic,
    responder: atClient.gatePublic,
    staticShared: atClient.staticShared,
  };
  const { bytes } = writeMessage(crypto, keys, bytesOf('ephemeral'), payload);
  const ciphertext = bytes.subarray(32);
  return concat(tag, mask(crypto, atClient.maskKey, bytes.subarray(0, 32), ciphertext), ciphertext);
}

describe.each(CROSSINGS)('$sealer.name seals, $opener.name opens', ({ sealer, opener }) => {
  it('any access request', () => {
    const place = fc.record({ epoch: fc.nat(2 ** 31 - 1), slot: fc.nat(BOUND_SLOTS - 1) });
    const fitting = requestArbitrary.filter((request) => payloadLength(request) + OVERHEAD <= DATAGRAM_LENGTH.most);
    fc.assert(
      fc.property(
        fitting,
        place,
        fc.option(bytesArbitrary(32), { nil: undefined }),
        (request, { epoch, slot }, psk) => {
          const { source } = request;
          const kind = source === undefined ? 'ordinary' : 'bound';
          const at = { kind, epoch, slot } as const;
          const datagram = sealMessage(sealer.crypto, pairOf(sealer.crypto, 'pair', psk).atClient, at, request);
          const { atGate, gatePrivate } = pairOf(opener.crypto, 'pair', psk);
          const { tagKey } = atGate;
          const key = source === undefined ? tagKey : placeKeyOf(opener.crypto, tagKey, source);
          expect(hex(datagram.subarray(0, 16))).toBe(hex(tagOf(opener.crypto, key, at)));
          expect(openMessage(opener.crypto, atGate, gatePrivate, datagram)).toEqual({
            ok: true,
            request,
            aeadTag: datagram.slice(-16),
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe.each(PROVIDERS)('message with $name', ({ crypto }) => {
  const pair = pairOf(crypto, 'pair', bytesOf('psk'));
  const shortest = sealWith(crypto, pair.atClient, PLACE, PLAIN_REQUEST, {
    random: bytesOf('random'),
    length: DATAGRAM_LENGTH.least,
  });
  const open = (datagram: Uint8Array, by = pair) => openMessage(crypto, by.atGate, by.gatePrivate, datagram);

  it('every variant of one bit is unauthentic', () => {
    expect(open(shortest).ok).toBe(true);
    for (let bit = 0; bit < shortest.length * 8; bit++) expect(open(flipped(shortest, bit))).toEqual(UNAUTHENTIC);
  });

  it('every other tag is unauthentic, also one of the same client', () => {
    const { tagKey } = pair.atGate;
    const others = [
      tagOf(crypto, tagKey, { ...PLACE, slot: PLACE.slot + 1 }),
      tagOf(crypto, tagKey, { ...PLACE, epoch: PLACE.epoch + 1 }),
      tagOf(crypto, tagKey, { ...PLACE, kind: 'bound' }),
      tagOf(crypto, placeKeyOf(crypto, tagKey, SOURCE), { ...PLACE, kind: 'bound' }),
    ];
    for (const other of others) expect(open(concat(other, shortest.subarray(16)))).toEqual(UNAUTHENTIC);
  });

  it('cut or lengthened is unauthentic, and malformed outside the lengths of a message', () => {
    for (let length = 0; length < shortest.length; length++)
      expect(open(shortest.subarray(0, length))).toEqual(MALFORMED);
    for (const more of [1, 16, 42, 426, DATAGRAM_LENGTH.most - shortest.length]) {
      expect(open(concat(shortest, new Uint8Array(more)))).toEqual(UNAUTHENTIC);
      expect(open(concat(new Uint8Array(more), shortest))).toEqual(UNAUTHENTIC);
    }
    expect(open(new Uint8Array(DATAGRAM_LENGTH.most + 1))).toEqual(MALFORMED);
    expect(open(new Uint8Array(65_507))).toEqual(MALFORMED);
    const long = sealMessage(crypto, pair.atClient, PLACE, PLAIN_REQUEST);
    for (let length = DATAGRAM_LENGTH.least; length < long.length; length += 7)
      expect(open(long.subarray(0, length))).toEqual(UNAUTHENTIC);
  });

  it('random bytes are refused, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1300 }), (bytes) => {
        expect(open(bytes)).toEqual(hasMessageLength(bytes) ? UNAUTHENTIC : MALFORMED);
      }),
      { numRuns: 300 },
    );
  });

  it('of another client, for another gate, or with another psk is unauthentic', () => {
    expect(open(shortest, pairOf(crypto, 'other', bytesOf('psk')))).toEqual(UNAUTHENTIC);
    expect(open(shortest, pairOf(crypto, 'pair', bytesOf('other psk')))).toEqual(UNAUTHENTIC);
    expect(open(shortest, pairOf(crypto, 'pair'))).toEqual(UNAUTHENTIC);
    expect(open(shortest, { ...pair, gatePrivate: bytesOf('other gate') })).toEqual(UNAUTHENTIC);
  });

  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ])('an ephemeral key of low order is unauthentic: %s', (point) => {
    const ciphertext = shortest.subarray(48);
    const masked = mask(crypto, pair.atClient.maskKey, unhex(point), ciphertext);
    expect(open(concat(shortest.subarray(0, 16), masked, ciphertext))).toEqual(UNAUTHENTIC);
  });

  it('an authentic payload that does not parse is malformed', () => {
    const payload = encodePayload(PLAIN_REQUEST, 72);
    expect(open(sealPayload(crypto, pair, payload)).ok).toBe(true);
    for (const bit of [0, 8 + 1, 10 * 8, 71 * 8])
      expect(open(sealPayload(crypto, pair, flipped(payload, bit)))).toEqual(MALFORMED);
    expect(open(sealPayload(crypto, pair, new Uint8Array(47)))).toEqual(MALFORMED);
  });

  it('the result is a copy; the datagram stays unchanged, and may be anywhere in memory', () => {
    const request = { ...PLAIN_REQUEST, source: SOURCE, earlier: [bytesOf('earlier', 16)] };
    const datagram = sealMessage(crypto, pair.atClient, PLACE, request);
    const memory = Buffer.alloc(datagram.length + 9);
    for (const offset of [0, 1, 2, 3, 9]) {
      const received = memory.subarray(offset, offset + datagram.length);
      received.set(datagram);
      const opened = open(received);
      expect(hex(received)).toBe(hex(datagram));
      memory.fill(0);
      expect(opened).toEqual({ ok: true, request, aeadTag: datagram.slice(-16) });
    }
  });

  it('twice the same request is never twice the same datagram', () => {
    const seal = () => hex(sealMessage(crypto, pair.atClient, PLACE, PLAIN_REQUEST)).slice(32);
    const [one, other] = [seal(), seal()];
    // No part is the same. The tags, which depend on the slot alone, are cut off.
    expect(one.slice(0, 64)).not.toBe(other.slice(0, 64));
    expect(one.slice(-32)).not.toBe(other.slice(-32));
  });

  it('takes its randomness from the provider alone', () => {
    const drawing = () => ({ ...crypto, randomBytes: bytesFrom('fixed') });
    const seal = () => hex(sealMessage(drawing(), pair.atClient, PLACE, PLAIN_REQUEST));
    expect(seal()).toBe(seal());
  });

  it.each([
    ['00000000', 128],
    ['00000001', 129],
    ['00000180', 512],
    ['00000181', 128],
    ['ffffffff', 128 + (0xffffffff % 385)],
  ])('draws a length: %s is %i bytes', (drawn, length) => {
    const fixed = { ...crypto, randomBytes: () => concat(bytesOf('random'), unhex(drawn)) };
    expect(sealMessage(fixed, pair.atClient, PLACE, PLAIN_REQUEST)).toHaveLength(length);
  });

  it.each([
    // ports asked for, and the shortest and longest datagram that this makes
    [0, 128, 512],
    [5, 128, 512],
    [6, 129, 512],
    [133, 510, 512],
    [134, 513, 513],
    [255, 876, 876],
  ])('%i ports: %i to %i bytes', (count, least, most) => {
    const ports = Array.from({ length: count }, (_, i) => ({ protocol: 'tcp' as const, port: i + 1 }));
    const request: AccessRequest = { ...PLAIN_REQUEST, ports };
    expect(payloadLength(request) + OVERHEAD).toBeLessThanOrEqual(least);
    const span = most - least + 1;
    for (const [word, length] of [
      [0, least],
      [span - 1, most],
    ] as const) {
      const drawn = new Uint8Array(4);
      new DataView(drawn.buffer).setUint32(0, word);
      const fixed = { ...crypto, randomBytes: () => concat(bytesOf('random'), drawn) };
      expect(sealMessage(fixed, pair.atClient, PLACE, request)).toHaveLength(length);
    }
  });

  it('a request that needs more than a datagram holds cannot be sealed', () => {
    const ports = Array.from({ length: 255 }, (_, i) => ({ protocol: 'tcp' as const, port: i + 1 }));
    const earlier = Array.from({ length: 23 }, (_, i) => bytesOf(`earlier ${i}`, 16));
    const seal = (count: number) =>
      sealMessage(crypto, pair.atClient, PLACE, { ...PLAIN_REQUEST, ports, earlier: earlier.slice(0, count) });
    expect(seal(22)).toHaveLength(1228);
    expect(() => seal(23)).toThrow(RangeError);
  });

  it('cannot be sealed with an invalid length or slot', () => {
    const seal = (length: number, other: Partial<TagSlot> = {}, random = bytesOf('random')) =>
      sealWith(crypto, pair.atClient, { ...PLACE, ...other }, { ...PLAIN_REQUEST, source: SOURCE }, { random, length });
    expect(() => seal(DATAGRAM_LENGTH.least - 1)).toThrow(RangeError);
    expect(() => seal(DATAGRAM_LENGTH.most + 1)).toThrow(RangeError);
    expect(() => seal(128, { slot: 64 })).toThrow(RangeError);
    expect(() => seal(128, { kind: 'bound', slot: BOUND_SLOTS })).toThrow(RangeError);
    for (const length of [0, 31, 33]) expect(() => seal(128, {}, new Uint8Array(length))).toThrow(RangeError);
    expect(seal(128, { slot: 63 })).toHaveLength(128);
    expect(seal(128, { kind: 'bound', slot: BOUND_SLOTS - 1 })).toHaveLength(128);
  });

  it('a bound tag needs a claimed source', () => {
    const bound = { ...PLACE, kind: 'bound' } as const;
    expect(() => sealMessage(crypto, pair.atClient, bound, PLAIN_REQUEST)).toThrow(RangeError);
    const datagram = sealMessage(crypto, pair.atClient, bound, { ...PLAIN_REQUEST, source: SOURCE });
    const ofPlace = tagOf(crypto, placeKeyOf(crypto, pair.atGate.tagKey, SOURCE), bound);
    expect(hex(datagram.subarray(0, 16))).toBe(hex(ofPlace));
  });
});

describe('the ephemeral key, when the random source gives the same bytes every time', () => {
  const crypto = { ...nodeCrypto, randomBytes: (length: number) => bytesOf('stuck', length) };
  const pair = pairOf(crypto, 'pair');
  const plain = { ...PLAIN_REQUEST, source: SOURCE };

  /** The ephemeral public key of the message that is sealed. */
  function keyOf(place: TagSlot, request: AccessRequest, { atClient }: Pair = pair): string {
    const datagram = sealMessage(crypto, atClient, place, request);
    return hex(mask(crypto, atClient.maskKey, datagram.subarray(16, 48), datagram));
  }

  it('differs in messages that differ in anything', () => {
    const keys = [
      keyOf(PLACE, plain),
      keyOf({ ...PLACE, slot: 6 }, plain),
      keyOf({ ...PLACE, epoch: PLACE.epoch + 1 }, plain),
      keyOf({ ...PLACE, kind: 'bound' }, plain),
      keyOf(PLACE, { ...plain, timestamp: plain.timestamp + 1 }),
      keyOf(PLACE, { ...plain, source: undefined }),
      keyOf(PLACE, { ...plain, destination: bytesOf('other', 16) }),
      keyOf(PLACE, { ...plain, duration: 1 }),
      keyOf(PLACE, { ...plain, ports: [{ protocol: 'tcp', port: 22 }] }),
      keyOf(PLACE, { ...plain, action: 'wake' }),
      keyOf(PLACE, { ...plain, earlier: [bytesOf('earlier', 16)] }),
      keyOf(PLACE, plain, pairOf(crypto, 'other pair')),
      keyOf(PLACE, plain, pairOf(crypto, 'pair', bytesOf('psk'))),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is not the drawn bytes: somebody who knows these cannot compute it', () => {
    expect(keyOf(PLACE, plain)).not.toBe(hex(nodeCrypto.publicKey(bytesOf('stuck', 36).subarray(0, 32))));
  });

  it('differs with each draw', () => {
    const sealed = (seed: string) =>
      sealWith(nodeCrypto, pair.atClient, PLACE, plain, { random: bytesOf(seed), length: 128 });
    expect(hex(sealed('one').subarray(16, 48))).not.toBe(hex(sealed('other').subarray(16, 48)));
  });
});
