import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { Capture, CaptureEvents } from '../../../../server-helper/capture/capture.ts';
import type { LoadedGate } from '../../../../server-helper/config/load.ts';
import { Door, type DoorSettings } from '../../../../server-helper/daemon/door.ts';
import { MemoryFirewall } from '../../../../server-helper/firewall/memory.ts';
import { FwknopDoor } from '../../../../server-helper/fwknop/door.ts';
import { nodeFwknopCrypto } from '../../../../src/fwknop/crypto-node.ts';
import type { FwknopMessage } from '../../../../src/fwknop/message.ts';
import { encodePlaintext } from '../../../../src/fwknop/plaintext.ts';
import { randomDigits } from '../../../../src/fwknop/random.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { address, auditLog, BOOT, FakeClock, packetOf, SOURCE, temporaryFolder } from '../support.ts';

/** Address that messages of these tests name. */
const NAMED = address('203.0.113.7');

/** A door that hears what a test lets it hear. */
export async function openDoor(loaded: LoadedGate, clock = new FakeClock(), folder = temporaryFolder()) {
  const { audit, entries } = auditLog();
  const firewall = new MemoryFirewall(() => clock.steady());
  let events: CaptureEvents | undefined;
  const capture: Capture = {
    start: async (told) => {
      events = told;
    },
    stop: async () => {},
  };
  const act = async ({ name }: { name: string }, asker: object) => audit({ event: 'acted', action: name, ...asker });
  const parts = { crypto: nodeCrypto, clock, audit, capture, replayFile: join(folder, 'fwknop-replay'), boot: BOOT };
  const makeDoor = (settings: DoorSettings) => new Door(parts, 'fwknop', settings);
  const fwknopDoor = new FwknopDoor({ fwknopCrypto: nodeFwknopCrypto, clock, firewall, audit, act, makeDoor }, loaded);
  const { door } = fwknopDoor;
  await fwknopDoor.start((what, error) => audit({ event: 'skipped', detail: `${what}: ${error}` }));
  // Younger than the record of replays.
  clock.pass(70_000);
  const plaintextOf = (change: Partial<FwknopMessage> = {}) => {
    const message: FwknopMessage = {
      random: randomDigits(nodeFwknopCrypto),
      user: 'alice',
      timestamp: Math.floor(clock.wall() / 1000),
      version: '3.0.0',
      source: NAMED,
      ask: { kind: 'access', ports: [{ protocol: 'tcp', port: 22 }] },
      serverAuth: undefined,
      timeout: 0,
      ...change,
    };
    return encodePlaintext(nodeFwknopCrypto, message, 'sha256');
  };
  /** Sends a packet. @returns the lines that it makes in the log */
  const hear = async (datagram: Uint8Array, from = SOURCE) => {
    const before = entries.length;
    events?.packet(packetOf(datagram, from));
    await vi.waitFor(() => expect(entries.length).toBeGreaterThan(before), { interval: 1, timeout: 10_000 });
    return entries.slice(before);
  };
  /** Sends a packet that leaves no line in the log. Its HMAC decides that at once. */
  const ignore = async (datagram: Uint8Array, from = SOURCE) => {
    const before = entries.length;
    events?.packet(packetOf(datagram, from));
    for (let turns = 0; turns < 5; turns++) await setImmediate();
    return entries.slice(before);
  };
  return { ignore, fwknopDoor, door, clock, entries, firewall, plaintextOf, hear, folder };
}
