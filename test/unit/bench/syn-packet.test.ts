import { describe, expect, it } from 'vitest';
import { synPacket } from '../../../bench/subjects/syn-packet.ts';

describe('a SYN', () => {
  const packet = Buffer.from(synPacket({ address: '192.0.2.1', port: 1024 }, { address: '192.0.2.2', port: 7000 }));

  it('is IPv4 and TCP from here to there, with SYN and no other flag', () => {
    expect(packet.length).toBe(60);
    expect([packet.readUInt8(0), packet.readUInt16BE(2), packet.readUInt8(9)]).toEqual([0x45, 60, 6]);
    expect([...packet.subarray(12, 20)]).toEqual([192, 0, 2, 1, 192, 0, 2, 2]);
    expect([packet.readUInt16BE(20), packet.readUInt16BE(22), packet.readUInt8(33)]).toEqual([1024, 7000, 0x02]);
  });

  it('has a checksum that a receiver accepts', () => {
    const covered = Buffer.concat([packet.subarray(12, 20), Buffer.from([0, 6, 0, 40]), packet.subarray(20)]);
    let sum = 0;
    for (let at = 0; at < covered.length; at += 2) sum += covered.readUInt16BE(at);
    expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff);
  });
});
