import { isDeepStrictEqual } from 'node:util';
import { ipPacketOf } from '../../../server-helper/capture/link-layer.ts';
import { parseUdpPacket } from '../../../server-helper/capture/packet.ts';
import { type Frame, PcapStream } from '../../../server-helper/capture/pcap-stream.ts';
import { readEntry, readFloor, readHeader, writeHeader } from '../../../server-helper/verify/replay-layout.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { ipv4, ipv6, nflog, pcap, udpSegment } from '../../rig/frames.ts';
import { type FuzzTarget, must } from '../target.ts';

const PACKETS = [ipv4(udpSegment(Buffer.alloc(200, 1))), ipv6(udpSegment(Buffer.alloc(150, 2)))];
const FRAMES = PACKETS.map((packet) =>
  nflog([
    [3, Buffer.alloc(5)],
    [9, packet],
  ]),
);
const RECORDED = FRAMES.map((frame, i) => ({ seconds: 1_800_000_000 + i, fraction: 5, bytes: frame }));
const LINK_TYPES = [1, 101, 113, 239, 276, 0];
const REPLAY = Buffer.alloc(512 + 2 * 33 * 32);
writeHeader(nodeCrypto, REPLAY, { places: 32, blocks: 2, createdAt: 1_800_000_000_000, boot: new Uint8Array(16) });

/** Readers of what comes off the wire, and of what is kept of it. */
export const CAPTURE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'pcap',
    seeds: [
      pcap(RECORDED, { linkType: 239 }),
      pcap(RECORDED, { littleEndian: false, nanoseconds: true, linkType: 239 }),
    ],
    read: (input) => {
      const whole = framesOf([input]);
      const step = 1 + ((input[input.length - 1] ?? 0) % 61);
      const pieces = Array.from({ length: Math.ceil(input.length / step) }, (_, i) =>
        input.subarray(i * step, (i + 1) * step),
      );
      must(isDeepStrictEqual(framesOf(pieces), whole), 'reads pieces as something else than the whole');
      return whole.map(({ time }) => time);
    },
    declares: (error) => error instanceof Error && error.message.startsWith('pcap: '),
    longest: 8192,
  },
  {
    name: 'link-layer',
    seeds: FRAMES,
    read: (input) =>
      LINK_TYPES.flatMap((type) => [true, false].map((little) => ipPacketOf(type, input, little)?.length)),
    longest: 4096,
  },
  {
    name: 'ip-packet',
    seeds: PACKETS,
    read: (input) => {
      const packet = parseUdpPacket(input);
      must(packet === undefined || packet.datagram.length <= input.length - 28, 'a datagram longer than its packet');
      return packet;
    },
    longest: 4096,
  },
  {
    name: 'replay-file',
    seeds: [REPLAY],
    read: (input) => {
      const file = Buffer.from(input);
      return [readHeader(nodeCrypto, file), readEntry(nodeCrypto, file), readFloor(nodeCrypto, file)];
    },
    longest: 4096,
  },
];

function framesOf(chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  const stream = new PcapStream((frame) => frames.push({ ...frame, bytes: Uint8Array.from(frame.bytes) }));
  for (const chunk of chunks) stream.push(chunk);
  return frames;
}
