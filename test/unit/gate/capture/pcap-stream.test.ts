import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, PcapStream } from '../../../../server-helper/capture/pcap-stream.ts';
import { pcap, type Recorded } from '../../../rig/frames.ts';

/** Pushes a file in pieces cut at these places, and copies what comes out. */
function framesOf(file: Uint8Array, cuts: readonly number[] = []): Frame[] {
  const frames: Frame[] = [];
  const stream = new PcapStream((frame) => frames.push({ ...frame, bytes: Uint8Array.from(frame.bytes) }));
  const ends = [...cuts.map((cut) => Math.min(cut, file.length)), file.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    stream.push(file.subarray(start, end));
    start = end;
  }
  return frames;
}

const TWO: Recorded[] = [
  { seconds: 1_800_000_000, fraction: 250_000, bytes: Buffer.from('first') },
  { seconds: 1_800_000_001, fraction: 0, bytes: Buffer.alloc(0) },
];

const recorded: fc.Arbitrary<Recorded> = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffffffff }),
  fraction: fc.integer({ min: 0, max: 999_999 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
});

describe('a pcap file', () => {
  it.each([true, false])('is read in either byte order (little-endian: %s)', (littleEndian) => {
    expect(framesOf(pcap(TWO, { littleEndian, linkType: 239 }))).toEqual([
      { linkType: 239, littleEndian, time: 1_800_000_000_250, bytes: Uint8Array.from(Buffer.from('first')) },
      { linkType: 239, littleEndian, time: 1_800_000_001_000, bytes: new Uint8Array(0) },
    ]);
  });

  it('may count in nanoseconds', () => {
    const file = pcap([{ seconds: 7, fraction: 250_000_000, bytes: Buffer.of(1) }], { nanoseconds: true });
    expect(framesOf(file)[0]?.time).toBe(7250);
  });

  it('may say in the upper bits of its link type how long a checksum is', () => {
    expect(framesOf(pcap(TWO, { linkType: 0x14000001 }))[0]?.linkType).toBe(1);
  });

  it('gives the same frames in pieces of any size', () => {
    const files = fc.array(recorded, { maxLength: 6 });
    fc.assert(
      fc.property(files, fc.array(fc.nat(400), { maxLength: 12 }), fc.boolean(), (frames, cuts, littleEndian) => {
        const file = pcap(frames, { littleEndian });
        const whole = framesOf(file);
        expect(whole.map(({ bytes }) => Buffer.from(bytes))).toEqual(frames.map(({ bytes }) => Buffer.from(bytes)));
        expect(framesOf(file, cuts)).toEqual(whole);
      }),
    );
  });

  it('gives a frame as soon as its last byte is there', () => {
    const file = pcap(TWO.slice(0, 1));
    for (let length = 0; length < file.length; length++) expect(framesOf(file.subarray(0, length))).toEqual([]);
    expect(framesOf(file)).toHaveLength(1);
  });

  it('byte for byte gives the same', () => {
    const file = pcap(TWO);
    const everywhere = Array.from({ length: file.length }, (_, i) => i);
    expect(framesOf(file, everywhere)).toEqual(framesOf(file));
  });
});

describe('what is not a pcap file', () => {
  it('is an error at its header', () => {
    expect(() => framesOf(Buffer.alloc(24))).toThrow('pcap: not a pcap file');
    // pcapng
    expect(() => framesOf(Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff', 'hex'))).toThrow(
      'not a pcap',
    );
  });

  it('or out of step is an error at a record that cannot be', () => {
    const file = pcap(TWO);
    file.writeUInt32LE(262_145, 24 + 8);
    expect(() => framesOf(file)).toThrow('pcap: a record of 262145 bytes');
  });

  it('throws nothing else, whatever it is', () => {
    const body = fc.uint8Array({ maxLength: 120 });
    const header = fc.constantFrom(pcap([]), pcap([], { littleEndian: false }), Buffer.alloc(0));
    fc.assert(
      fc.property(header, body, fc.array(fc.nat(140), { maxLength: 4 }), (start, rest, cuts) => {
        try {
          framesOf(Buffer.concat([start, rest]), cuts);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: pcap: /);
        }
      }),
    );
  });
});
