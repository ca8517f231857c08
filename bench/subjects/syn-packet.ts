import { randomBytes } from 'node:crypto';

/** An end of a connection; the address is IPv4. */
export interface End {
  readonly address: string;
  readonly port: number;
}

const IP_LENGTH = 20;
const TCP_LENGTH = 40;
const PROTOCOL_TCP = 6;
const SYN = 0x02;
/** As Linux sends them: MSS 1460, SACK permitted, timestamps, window scale 7 (RFC 9293, RFC 2018, RFC 7323). */
const OPTIONS = Buffer.from('020405b40402080a000000010000000001030307', 'hex');

/** A whole IPv4 packet that asks for a connection, 60 bytes; the kernel fills in the IP checksum when it is sent (raw(7)). */
export function synPacket(from: End, to: End): Uint8Array {
  const packet = Buffer.alloc(IP_LENGTH + TCP_LENGTH);
  packet.writeUInt8(0x45, 0);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(0x4000, 6);
  packet.writeUInt8(64, 8);
  packet.writeUInt8(PROTOCOL_TCP, 9);
  packet.set(octets(from.address), 12);
  packet.set(octets(to.address), 16);
  const tcp = packet.subarray(IP_LENGTH);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.set(randomBytes(4), 4);
  tcp.writeUInt8((TCP_LENGTH / 4) << 4, 12);
  tcp.writeUInt8(SYN, 13);
  tcp.writeUInt16BE(64240, 14);
  tcp.set(OPTIONS, 20);
  tcp.writeUInt16BE(checksum(packet), 16);
  return packet;
}

const octets = (address: string) => address.split('.').map(Number);

/** Over the pseudo-header and the segment (RFC 9293, section 3.1; RFC 1071). */
function checksum(packet: Buffer): number {
  const pseudo = Buffer.from([...packet.subarray(12, 20), 0, PROTOCOL_TCP, 0, TCP_LENGTH]);
  const bytes = Buffer.concat([pseudo, packet.subarray(IP_LENGTH)]);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
