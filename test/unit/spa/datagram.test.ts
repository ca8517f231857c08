import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import { parsePort } from '../../../src/base/ports.ts';
import { parsePublicKey } from '../../../src/spa/keys.ts';
import { openMessage, sealWith } from '../../../src/spa/message.ts';
import { epochAt, pairKeys, tagOf } from '../../../src/spa/outer.ts';
import { type AccessRequest, encodePayload } from '../../../src/spa/payload.ts';
import golden from '../../vectors/datagram.json';
import { makeDatagrams } from '../../vectors/make-datagrams.ts';
import { readDatagram } from './independent.ts';
import { hex, PROVIDERS, unhex } from './support.ts';

type Golden = (typeof golden.vectors)[number];

function addressOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

function requestOf({ request }: Golden): AccessRequest {
  return {
    timestamp: request.unixMs,
    source: request.source === null ? undefined : addressOf(request.source),
    duration: request.duration,
    ports: request.ports.map((port) => parsePort(port)),
    action: request.action,
  };
}

describe('golden datagrams', () => {
  it('are what the script makes', () => {
    expect(makeDatagrams()).toEqual(golden);
  });

  it('document every field', () => {
    for (const vector of golden.vectors) expect(Object.keys(vector)).toEqual(Object.keys(golden.fields));
  });

  it('cover the lengths at the edges, both families, both kinds of psk', () => {
    const lengths = golden.vectors.map((vector) => vector.datagram.length / 2);
    expect(lengths).toEqual(expect.arrayContaining([86, 128, 512, 1232]));
    const sources = golden.vectors.map((vector) => vector.request.source ?? 'none');
    for (const kind of [/^none$/, /^[0-9.]+$/, /:/]) expect(sources.some((source) => kind.test(source))).toBe(true);
    expect(new Set(golden.vectors.map((vector) => /^A+$/.test(vector.psk))).size).toBe(2);
  });

  describe.each(golden.vectors)('$name', (vector) => {
    it('a reader that shares no code opens it', () => {
      const { unixMs, source, ...rest } = vector.request;
      expect(readDatagram(vector, vector.epoch, vector.slot, Buffer.from(vector.datagram, 'hex'))).toMatchObject({
        ...rest,
        unixMs: BigInt(unixMs),
        source: source === null ? null : hex(addressOf(source)),
      });
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
          expect(hex(pair.clientPublic)).toBe(hex(clientPublic));
          expect(hex(pair.gatePublic)).toBe(hex(gatePublic));
        }
        expect(epochAt(vector.request.unixMs)).toBe(vector.epoch);
        expect(hex(tagOf(crypto, atGate.tagKey, vector.epoch, vector.slot))).toBe(vector.tag);
        expect(hex(crypto.publicKey(unhex(vector.ephemeralPrivate)))).toBe(vector.ephemeralPublic);
        expect(hex(encodePayload(request, vector.payload.length / 2))).toBe(vector.payload);
      });

      it('seals it', () => {
        const drawn = { ephemeralPrivate: unhex(vector.ephemeralPrivate), length: vector.datagram.length / 2 };
        expect(hex(sealWith(crypto, atClient, vector, request, drawn))).toBe(vector.datagram);
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
