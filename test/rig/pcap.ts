/** A UDP datagram seen on the wire. `at` is the wall-clock time in milliseconds. */
export interface Datagram {
  at: number;
  from: string;
  to: string;
  sourcePort: number;
  port: number;
  payload: Uint8Array;
}

/** An ICMP or ICMPv6 message seen on the wire. */
export interface Icmp {
  at: number;
  from: string;
  to: string;
  version: 4 | 6;
  type: number;
  code: number;
}

/** The first segment of a TCP connection seen on the wire: a SYN, or its repeat. */
export interface Syn {
  at: number;
  from: string;
  to: string;
  sourcePort: number;
  port: number;
}

/** Content of a capture file. */
export interface Captured {
  packets: number;
  datagrams: Datagram[];
  syns: Syn[];
  icmp: Icmp[];
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const IPV6_HEADER = 40;
const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;
/** Flags of TCP: SYN and ACK, of which a first segment has SYN alone. */
const SYN_ACK = 0x12;
const SYN = 0x02;

/** Reads a pcap file (little-endian, Ethernet), as tcpdump on this machine writes it. */
export function parsePcap(file: Buffer): Captured {
  const seen: Captured = { packets: 0, datagrams: [], syns: [], icmp: [] };
  let offset = FILE_HEADER;
  while (offset + RECORD_HEADER <= file.length) {
    const at = file.readUInt32LE(offset) * 1000 + file.readUInt32LE(offset + 4) / 1000;
    const length = file.readUInt32LE(offset + 8);
    const frame = file.subarray(offset + RECORD_HEADER, offset + RECORD_HEADER + length);
    offset += RECORD_HEADER + length;
    seen.packets += 1;
    const etherType = frame.readUInt16BE(12);
    const packet = frame.subarray(ETHERNET_HEADER);
    if (etherType === 0x0800) readIpv4(packet, at, seen);
    if (etherType === 0x86dd) readIpv6(packet, at, seen);
  }
  return seen;
}

function readIpv4(packet: Buffer, at: number, seen: Captured) {
  const headerLength = (packet.readUInt8(0) & 0x0f) * 4;
  const dotted = (start: number) => [...packet.subarray(start, start + 4)].join('.');
  const body = packet.subarray(headerLength, packet.readUInt16BE(2));
  readBody(packet.readUInt8(9), body, { at, from: dotted(12), to: dotted(16) }, 4, seen);
}

function readIpv6(packet: Buffer, at: number, seen: Captured) {
  const groups = (start: number) =>
    Array.from({ length: 8 }, (_, i) => packet.readUInt16BE(start + 2 * i).toString(16)).join(':');
  const address = (start: number) => new URL(`http://[${groups(start)}]`).hostname.slice(1, -1);
  const body = packet.subarray(IPV6_HEADER, IPV6_HEADER + packet.readUInt16BE(4));
  readBody(packet.readUInt8(6), body, { at, from: address(8), to: address(24) }, 6, seen);
}

type Ends = { at: number; from: string; to: string };

function readBody(protocol: number, body: Buffer, ends: Ends, version: 4 | 6, seen: Captured) {
  if (protocol === PROTOCOL.udp) {
    const [sourcePort, port] = [body.readUInt16BE(0), body.readUInt16BE(2)];
    seen.datagrams.push({ ...ends, sourcePort, port, payload: new Uint8Array(body.subarray(8)) });
  }
  if (protocol === PROTOCOL.tcp && (body.readUInt8(13) & SYN_ACK) === SYN)
    seen.syns.push({ ...ends, sourcePort: body.readUInt16BE(0), port: body.readUInt16BE(2) });
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6) {
    seen.icmp.push({ ...ends, version, type: body.readUInt8(0), code: body.readUInt8(1) });
  }
}
