import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import { parsePort } from '../../../src/base/ports.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { parsePublicKey } from '../../../src/spa/keys.ts';
import { openMessage, sealWith } from '../../../src/spa/message.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import { type AccessRequest, encodePayload, MOST_EARLIER } from '../../../src/spa/payload.ts';
import { epochAt, placeKeyOf, type TagSlot, tagOf } from '../../../src/spa/tags.ts';
import golden from '../../vectors/datagram.json';
import { makeDatagrams } from '../../vectors/make-datagrams.ts';
import { ephemeralPrivateOf, readDatagram } from './independent.ts';
import { hex, PROVIDERS, unhex } from './support.ts';

type Golden = (typeof golden.vectors)[number];

function addressOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

/** The tag of a vector, as a `TagSlot`: JSON gives the kind as any text. */
function placeOf({ kind, epoch, slot }: Golden): TagSlot {
  if (kind !== 'ordinary' && kind !== 'bound') throw new Error(`no kind of tag: ${kind}`);
  return { kind, epoch, slot };
}

function requestOf({ request }: Golden): AccessRequest {
  return {
    timestamp: request.unixMs,
    source: request.source === null ? undefined : addressOf(request.source),
    destination: addressOf(request.destination),
    duration: request.duration,
    ports: request.ports.map((port) => parsePort(port)),
    action: request.action,
    earlier: request.earlier.map(unhex),
  };
}

describe('golden datagrams', () => {
  it('are what the script makes', () => {
    expect(makeDatagrams()).toEqual(golden);
  });

  it('document every field', () => {
    for (const vector of golden.vectors) expect(Object.keys(vector)).toEqual(Object.keys(golden.fields));
  });

  it('cover the lengths at the edges, both families, both kinds of psk and of tags, earlier tags', () => {
    const lengths = golden.vectors.map((vector) => vector.datagram.length / 2);
    expect(lengths).toEqual(expect.arrayContaining([111, 128, 512, 1232]));
    const sources = golden.vectors.map((vector) => vector.request.source ?? 'none');
    for (const kind of [/^none$/, /^[0-9.]+$/, /:/]) expect(sources.some((source) => kind.test(source))).toBe(true);
    expect(new Set(golden.vectors.map((vector) => /^A+$/.test(vector.psk))).size).toBe(2);
    const bound = golden.vectors
      .filter((vector) => vector.kind === 'bound')
      .map((vector) => vector.request.source ?? '');
    for (const kind of [/^[0-9.]+$/, /:/]) expect(bound.some((source) => kind.test(source))).toBe(true);
    const earlier = golden.vectors.map((vector) => vector.request.earlier.length);
    expect(earlier).toEqual(expect.arrayContaining([0, 1, MOST_EARLIER]));
  });

  it('two addresses of one /64 have one tag, and messages of their own', () => {
    const [one, other] = golden.vectors.filter(({ request }) => request.source?.startsWith('2001:db8:0:7:'));
    // The two vectors have different keys, so the tag is made again with those of the first.
    if (one === undefined || other?.request.source == null) throw new Error('two vectors at one place');
    const key = placeKeyOf(nodeCrypto, unhex(one.tagKey), addressOf(other.request.source));
    expect(hex(tagOf(nodeCrypto, key, placeOf(other)))).toBe(one.tag);
  });

  describe.each(golden.vectors)('$name', (vector) => {
    it('a reader that shares no code opens it', () => {
      const { unixMs, source, destination, ...rest } = vector.request;
      const address = source === null ? null : hex(addressOf(source));
      const read = readDatagram(vector, { ...placeOf(vector), address }, Buffer.from(vector.datagram, 'hex'));
      expect(read).toMatchObject({
        ...rest,
        unixMs: BigInt(unixMs),
        source: address,
        destination: hex(addressOf(destination)),
      });
      expect(read.steps.hedgeKey).toBe(vector.hedgeKey);
      const { hedgeKey, random, tag, payload } = vector;
      expect(ephemeralPrivateOf(hedgeKey, random, tag, payload)).toBe(vector.ephemeralPrivate);
    });

    describe.each(PROVIDERS)('with $name', ({ crypto }) => {
      const psk = parsePublicKey(vector.psk);
      const gatePrivate = parsePublicKey(vector.gatePrivate);
      const gatePublic = parsePublicKey(vector.gatePublic);
      const clientPublic = parsePublicKey(vector.clientPublic);
      const atClient = pairKeys(crypto, 'client', parsePublicKey(vector.clientPrivate), gatePublic, psk);
      const atGate = pairKeys(crypto, 'gate', gatePrivate, clientPublic, psk);
      const request = requestOf(vector);

      it('every value on the way', () => {
        for (const pair of [atClient, atGate]) {
          expect(hex(pair.staticShared)).toBe(vector.staticShared);
          expect(hex(pair.tagKey)).toBe(vector.tagKey);
          expect(hex(pair.maskKey)).toBe(vector.maskKey);
          expect(hex(pair.hedgeKey)).toBe(vector.hedgeKey);
          expect(hex(pair.clientPublic)).toBe(hex(clientPublic));
          expect(hex(pair.gatePublic)).toBe(hex(gatePublic));
        }
        expect(epochAt(vector.request.unixMs)).toBe(vector.epoch);
        const placeKey =
          vector.kind === 'bound' ? placeKeyOf(crypto, atGate.tagKey, request.source ?? new Uint8Array()) : undefined;
        expect(placeKey === undefined ? null : hex(placeKey)).toBe(vector.placeKey);
        expect(hex(tagOf(crypto, placeKey ?? atGate.tagKey, placeOf(vector)))).toBe(vector.tag);
        expect(hex(crypto.publicKey(unhex(vector.ephemeralPrivate)))).toBe(vector.ephemeralPublic);
        expect(hex(encodePayload(request, vector.payload.length / 2))).toBe(vector.payload);
      });

      it('seals it', () => {
        const drawn = { random: unhex(vector.random), length: vector.datagram.length / 2 };
        expect(hex(sealWith(crypto, atClient, placeOf(vector), request, drawn))).toBe(vector.datagram);
      });

      it('opens it', () => {
        const datagram = unhex(vector.datagram);
        expect(openMessage(crypto, atGate, gatePrivate, datagram)).toEqual({
          ok: true,
          request,
          aeadTag: datagram.slice(-16),
        });
      });
    });
  });
});
