import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import type { Audit } from '../audit/audit.ts';
import { ipPacketOf } from '../capture/link-layer.ts';
import type { Packet } from '../capture/packet.ts';
import { parseUdpPacket } from '../capture/packet.ts';
import { PcapStream } from '../capture/pcap-stream.ts';
import { loadGate } from '../config/load.ts';
import { planOf } from '../config/plan.ts';
import { Gate } from '../daemon/gate.ts';
import { LastHeard } from '../daemon/last-heard.ts';
import { MemoryFirewall } from '../firewall/memory.ts';
import type { Paths } from '../paths.ts';
import { fileUnreadable, notPcap } from '../problems.ts';

/** Result: UDP packets in the file, and those of them that carried a tag of a client. */
export interface Judged {
  readonly packets: number;
  readonly knocks: number;
  readonly granted: number;
}

/**
 * Shows what this gate would have said to the packets of a pcap file, each at the time at which it was captured. Opens nothing,
 * and neither reads nor writes the state of a running gate.
 * @param auditAt makes the audit for a clock
 */
export async function judgeEvidence(
  paths: Paths,
  file: string,
  auditAt: (now: () => number) => Audit,
): Promise<Judged> {
  const loaded = loadGate(nodeCrypto, paths);
  const packets = readPackets(file);
  const [first] = packets;
  if (first === undefined) return { packets: 0, knocks: 0, granted: 0 };
  // The record begins before any client can have made the first packet, or every packet would count as a replay.
  let now = first.time - 2 * loaded.config.gate.clockTolerance * 1000;
  const clock = { wall: () => now, steady: () => now, uptime: () => now / 1000 };
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-'));
  try {
    const gate = new Gate(
      {
        crypto: nodeCrypto,
        clock,
        firewall: new MemoryFirewall(clock.steady),
        capture: { start: async () => {}, stop: async () => {} },
        audit: auditAt(clock.wall),
        act: async () => {},
        replayFile: join(folder, 'replay'),
        knownAddresses: copyOfKnown(paths, folder),
        lastHeard: new LastHeard(join(folder, 'running'), join(folder, 'stopped')),
        boot: undefined,
        trial: () => undefined,
        otherDoors: () => [],
        armedForGood: () => {},
        planOf: async (config) => planOf(config),
        reported: () => {},
      },
      loaded,
    );
    for (const { packet, time } of packets) {
      now = Math.max(now, time);
      await gate.second();
      // What the kernel did is not in the file; it may have opened.
      await gate.pipeline.handle({ ...packet, isOpened: true });
    }
    const { received, unmatched, granted } = gate.pipeline.counts;
    return { packets: received, knocks: received - unmatched, granted };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The known addresses of the running gate: with none, address-bound tags would be nobody's. */
function copyOfKnown({ knownAddresses }: Paths, folder: string): string {
  const copy = join(folder, 'known-addresses');
  if (existsSync(knownAddresses)) copyFileSync(knownAddresses, copy);
  return copy;
}

function readPackets(file: string): { packet: Packet; time: number }[] {
  const packets: { packet: Packet; time: number }[] = [];
  const stream = new PcapStream(({ linkType, bytes, littleEndian, time }) => {
    const ip = ipPacketOf(linkType, bytes, littleEndian);
    const packet = ip === undefined ? undefined : parseUdpPacket(ip);
    if (packet !== undefined) packets.push({ packet, time: Math.floor(time) });
  });
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fileUnreadable(file, error);
  }
  try {
    stream.push(bytes);
  } catch {
    throw notPcap(file);
  }
  return packets;
}
