import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../../src/base/bytes.ts';
import { checksum, PROTOCOL, rawSegment } from '../../../../src/client/fwknop/raw-packet.ts';

const WAY = { from: Uint8Array.of(192, 0, 2, 1), to: Uint8Array.of(198, 51, 100, 2), port: 62_201 };
const RANDOM = Uint8Array.of(0x12, 0x34, 1, 2, 3, 4);
const PAYLOAD = utf8('some text of fwknop');

const bytesOf = (carrier: 'icmp' | 'tcpraw' | 'udpraw', payload = PAYLOAD) =>
  Buffer.from(rawSegment(carrier, WAY, payload, RANDOM));

/** The bytes that a receiver's checksum covers: the datagram behind the pseudo-header. */
const withPseudoHeader = (protocol: number, segment: Uint8Array) =>
  Buffer.concat([WAY.from, WAY.to, Buffer.from([0, protocol, segment.length >>> 8, segment.length & 0xff]), segment]);

describe('a packet that is put together by hand', () => {
  it('is an echo request', () => {
    const segment = bytesOf('icmp');
    expect([segment[0], segment[1]]).toEqual([8, 0]);
    expect(segment.readUInt16BE(4)).toBe(0xd234);
    expect(segment.subarray(8)).toEqual(Buffer.from(PAYLOAD));
  });

  it('is a datagram', () => {
    const segment = bytesOf('udpraw');
    expect([segment.readUInt16BE(0), segment.readUInt16BE(2), segment.readUInt16BE(4)]).toEqual([0xd234, 62_201, 27]);
    expect(segment.subarray(8)).toEqual(Buffer.from(PAYLOAD));
  });

  it('is a SYN with data, without options and without any other flag', () => {
    const segment = bytesOf('tcpraw');
    expect([segment.readUInt16BE(0), segment.readUInt16BE(2)]).toEqual([0xd234, 62_201]);
    expect([segment.readUInt32BE(4), segment.readUInt32BE(8)]).toEqual([0x01020304, 0]);
    expect([segment[12], segment[13], segment.readUInt16BE(18)]).toEqual([0x50, 0x02, 0]);
    expect(segment.subarray(20)).toEqual(Buffer.from(PAYLOAD));
  });

  it('has the checksums of RFC 1071, by its own example', () => {
    const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(checksum(example)).toBe(~0xddf2 & 0xffff);
  });

  it('has a checksum that a receiver accepts and one changed bit spoils, and carries any text', () => {
    const carriers = fc.constantFrom('icmp' as const, 'tcpraw' as const, 'udpraw' as const);
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 1500 });
    const six = fc.uint8Array({ minLength: 6, maxLength: 6 });
    const property = fc.property(carriers, bytes, six, fc.nat(), (carrier, payload, random, somewhere) => {
      const segment = rawSegment(carrier, WAY, payload, random);
      const covered = carrier === 'icmp' ? segment : withPseudoHeader(PROTOCOL[carrier], segment);
      expect(checksum(covered)).toBe(0);
      const header = carrier === 'tcpraw' ? 20 : 8;
      expect(segment.subarray(header)).toEqual(payload);
      const broken = Uint8Array.from(covered);
      const at = somewhere % (broken.length * 8);
      broken[at >>> 3] = (broken[at >>> 3] ?? 0) ^ (1 << (at & 7));
      expect(checksum(broken)).not.toBe(0);
      // A datagram without a checksum would say 0 there.
      if (carrier === 'udpraw') expect(Buffer.from(segment).readUInt16BE(6)).not.toBe(0);
    });
    fc.assert(property);
  });
});
