import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUdpPacket, sourceOf } from '../../../../server-helper/capture/packet.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { ipv4, ipv6, udpSegment } from '../../../rig/frames.ts';

const PAYLOAD = Buffer.from('a knock, more or less');

function shown(bytes: Uint8Array): string | undefined {
  const packet = parseUdpPacket(bytes);
  return packet && `${formatAddress(packet.source)} ${Buffer.from(packet.datagram)}`;
}

describe('a UDP packet', () => {
  it('is read over IPv4, with and without options, and over IPv6', () => {
    expect(shown(ipv4(udpSegment(PAYLOAD)))).toBe(`198.51.100.7 ${PAYLOAD}`);
    expect(shown(ipv4(udpSegment(PAYLOAD), { options: Buffer.alloc(40, 1) }))).toBe(`198.51.100.7 ${PAYLOAD}`);
    expect(shown(ipv6(udpSegment(PAYLOAD)))).toBe(`2001:db8::7 ${PAYLOAD}`);
  });

  it('may be empty, and ends where UDP says, whatever pads the frame', () => {
    expect(shown(ipv4(udpSegment(Buffer.alloc(0))))).toBe('198.51.100.7 ');
    const padded = Buffer.concat([ipv4(udpSegment(PAYLOAD)), Buffer.alloc(20, 0xff)]);
    expect(shown(padded)).toBe(`198.51.100.7 ${PAYLOAD}`);
  });

  it('has a datagram of its own, which outlives the buffer that it came in', () => {
    const bytes = ipv6(udpSegment(PAYLOAD));
    const packet = parseUdpPacket(bytes);
    bytes.fill(0);
    expect(Buffer.from(packet?.datagram ?? [])).toEqual(PAYLOAD);
    expect(formatAddress(packet?.source ?? new Uint8Array(16))).toBe('2001:db8::7');
  });

  it('may have the don’t-fragment bit', () => {
    expect(shown(ipv4(udpSegment(PAYLOAD), { fragment: 0x4000 }))).toBeDefined();
  });
});

describe('anything else', () => {
  it.each([
    ['TCP over IPv4', ipv4(udpSegment(PAYLOAD), { protocol: 6 })],
    ['TCP over IPv6', ipv6(udpSegment(PAYLOAD), 6)],
    [
      'UDP behind an extension header',
      ipv6(Buffer.concat([Buffer.of(17, 0, 1, 4, 0, 0, 0, 0), udpSegment(PAYLOAD)]), 60),
    ],
    ['a first fragment', ipv4(udpSegment(PAYLOAD), { fragment: 0x2000 })],
    ['a later fragment', ipv4(udpSegment(PAYLOAD), { fragment: 1 })],
    ['a length shorter than its header', ipv4(udpSegment(PAYLOAD, 7))],
    ['a length longer than the packet', ipv4(udpSegment(PAYLOAD, 8 + PAYLOAD.length + 1))],
    ['a length of 0, as of a jumbogram', ipv6(udpSegment(PAYLOAD, 0))],
    ['an IPv4 header that is too short', ipv4(udpSegment(PAYLOAD)).fill(0x44, 0, 1)],
    ['another version of IP', ipv4(udpSegment(PAYLOAD)).fill(0x55, 0, 1)],
    ['nothing', Buffer.alloc(0)],
  ])('is left alone: %s', (_, bytes) => {
    expect(parseUdpPacket(bytes)).toBeUndefined();
  });

  it('is left alone wherever it is cut', () => {
    for (const whole of [ipv4(udpSegment(PAYLOAD), { options: Buffer.alloc(8) }), ipv6(udpSegment(PAYLOAD))]) {
      for (let length = 0; length < whole.length; length++)
        expect(parseUdpPacket(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it('never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    const first = fc.constantFrom(0x45, 0x46, 0x4f, 0x60, 0x40);
    fc.assert(
      fc.property(first, bytes, (version, rest) => {
        const packet = parseUdpPacket(Uint8Array.of(version, ...rest));
        expect(packet === undefined || packet.datagram.length <= rest.length).toBe(true);
      }),
    );
  });
});

describe('the source of a packet', () => {
  const shownSource = (bytes: Uint8Array) => {
    const source = sourceOf(bytes);
    return source && formatAddress(source);
  };

  it('is read of whatever IP carries, and of no more than its header', () => {
    expect(shownSource(ipv4(udpSegment(PAYLOAD), { protocol: 6 }).subarray(0, 20))).toBe('198.51.100.7');
    expect(shownSource(ipv6(udpSegment(PAYLOAD), 6).subarray(0, 40))).toBe('2001:db8::7');
  });

  it('is none where the header is cut, of another version, or holds an address of IPv4 in one of IPv6', () => {
    expect(shownSource(ipv4(udpSegment(PAYLOAD)).subarray(0, 19))).toBeUndefined();
    expect(shownSource(ipv6(udpSegment(PAYLOAD)).subarray(0, 39))).toBeUndefined();
    expect(shownSource(ipv4(udpSegment(PAYLOAD)).fill(0x55, 0, 1))).toBeUndefined();
    const mapped = Buffer.from('00000000000000000000ffffc6336407', 'hex');
    const six = ipv6(udpSegment(PAYLOAD));
    mapped.copy(six, 8);
    expect(shownSource(six)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void sourceOf(bytes)));
  });
});
