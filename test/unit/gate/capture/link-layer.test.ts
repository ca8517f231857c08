import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipPacketOf, isBehindTranslation, logPrefixOf } from '../../../../server-helper/capture/link-layer.ts';
import { ipv4, ipv6, nflog, udpSegment } from '../../../rig/frames.ts';

const ETHERNET = 1;
const RAW = 101;
const SLL = 113;
const NFLOG = 239;
const SLL2 = 276;
const PAYLOAD = 9;

const FOUR = ipv4(udpSegment(Buffer.from('knock')));
const SIX = ipv6(udpSegment(Buffer.from('knock')));
const framed = (length: number, typeAt: number, type: number, packet: Uint8Array) => {
  const header = Buffer.alloc(length);
  header.writeUInt16BE(type, typeAt);
  return Buffer.concat([header, packet]);
};

describe('the IP packet in a frame', () => {
  it.each([
    ['Ethernet', ETHERNET, 14, 12],
    ['Linux cooked capture', SLL, 16, 14],
    ['Linux cooked capture, version 2', SLL2, 20, 0],
  ])('of %s', (_, linkType, header, typeAt) => {
    expect(ipPacketOf(linkType, framed(header, typeAt, 0x0800, FOUR), true)).toEqual(FOUR);
    expect(ipPacketOf(linkType, framed(header, typeAt, 0x86dd, SIX), true)).toEqual(SIX);
    expect(ipPacketOf(linkType, framed(header, typeAt, 0x0806, FOUR), true)).toBeUndefined();
    for (let length = 0; length < header; length++)
      expect(ipPacketOf(linkType, framed(header, typeAt, 0x0800, FOUR).subarray(0, length), true)).toBeUndefined();
  });

  it('of no link layer is the frame itself', () => {
    expect(ipPacketOf(RAW, FOUR, true)).toEqual(FOUR);
  });

  it.each([true, false])('of NFLOG is an attribute among others (little-endian: %s)', (littleEndian) => {
    const others: [number, Uint8Array][] = [
      [1, Buffer.alloc(4)],
      [10, Buffer.from('prefix\0')],
      [8, Buffer.alloc(1)],
    ];
    const frame = nflog([...others, [PAYLOAD, FOUR]], littleEndian);
    expect(ipPacketOf(NFLOG, frame, littleEndian)).toEqual(FOUR);
    expect(ipPacketOf(NFLOG, nflog([[PAYLOAD, SIX], ...others], littleEndian), littleEndian)).toEqual(SIX);
    expect(ipPacketOf(NFLOG, nflog(others, littleEndian), littleEndian)).toBeUndefined();
    expect(ipPacketOf(NFLOG, frame, !littleEndian)).toBeUndefined();
  });

  it('of NFLOG is none where the frame is cut, or an attribute is shorter than its own header', () => {
    const frame = nflog([
      [1, Buffer.alloc(6)],
      [PAYLOAD, FOUR],
    ]);
    const whole = frame.length - ((4 - (FOUR.length % 4)) % 4);
    for (let length = 0; length < whole; length++)
      expect(ipPacketOf(NFLOG, frame.subarray(0, length), true)).toBeUndefined();
    for (const length of [0, 1, 3])
      expect(ipPacketOf(NFLOG, Buffer.concat([Buffer.of(2, 0, 0, 0, length, 0, 1, 0), frame]), true)).toBeUndefined();
  });

  it('of a link layer that is not known is none', () => {
    expect(ipPacketOf(105, FOUR, true)).toBeUndefined();
  });

  it('never throws, nor does reading what the rule said of it', () => {
    const linkType = fc.constantFrom(ETHERNET, RAW, SLL, NFLOG, SLL2, 0);
    fc.assert(
      fc.property(linkType, fc.uint8Array({ maxLength: 60 }), fc.boolean(), (type, frame, littleEndian) => {
        const packet = ipPacketOf(type, frame, littleEndian);
        logPrefixOf(type, frame, littleEndian);
        expect(packet === undefined || packet.length <= frame.length).toBe(true);
      }),
    );
  });
});

describe('what the rule that logged a frame says of it', () => {
  const PREFIX = 10;
  const said = Buffer.from('knockgate sequence door\0');

  it.each([true, false])('is an attribute of its own (little-endian: %s)', (littleEndian) => {
    const frame = nflog(
      [
        [1, Buffer.alloc(4)],
        [PREFIX, said],
        [PAYLOAD, FOUR],
      ],
      littleEndian,
    );
    expect(logPrefixOf(NFLOG, frame, littleEndian)).toBe('knockgate sequence door');
    expect(ipPacketOf(NFLOG, frame, littleEndian)).toEqual(FOUR);
  });

  it('is nothing where it is empty, or not there, or the frame is of another kind', () => {
    expect(logPrefixOf(NFLOG, nflog([[PREFIX, Buffer.of(0)]]), true)).toBeUndefined();
    expect(logPrefixOf(NFLOG, nflog([[PAYLOAD, FOUR]]), true)).toBeUndefined();
    expect(logPrefixOf(RAW, nflog([[PREFIX, said]]), true)).toBeUndefined();
  });

  it('cannot be said by the packet, whatever is in it', () => {
    const forged = nflog([[PREFIX, said]]).subarray(4);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (before, behind) => {
        const packet = Buffer.concat([before, forged, behind]);
        expect(logPrefixOf(NFLOG, nflog([[PAYLOAD, packet]]), true)).toBeUndefined();
      }),
    );
  });
});

describe('the hook at which a frame was logged', () => {
  const frameAt = (hook: number) =>
    nflog([
      [1, Buffer.of(8, 0, hook, 0)],
      [PAYLOAD, FOUR],
    ]);

  it('tells whether its addresses may be translated', () => {
    expect(isBehindTranslation(NFLOG, frameAt(0), true)).toBe(false);
    expect(isBehindTranslation(NFLOG, frameAt(1), true)).toBe(true);
    expect(isBehindTranslation(NFLOG, nflog([[PAYLOAD, FOUR]]), true)).toBe(false);
    expect(isBehindTranslation(RAW, frameAt(1), true)).toBe(false);
  });
});
