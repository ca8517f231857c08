import type { AuditEntry } from '../../../server-helper/audit/audit.ts';
import type { Packet } from '../../../server-helper/capture/packet.ts';
import type { Clock } from '../../../server-helper/clock.ts';
import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import type { LoadedGate } from '../../../server-helper/config/load.ts';
import { profileName, profilesOf } from '../../../server-helper/config/profiles.ts';
import { type Address, parseAddress } from '../../../src/base/addresses.ts';
import type { Digest } from '../../../src/fwknop/algorithms.ts';
import type { PacketKeys } from '../../../src/fwknop/packet.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { sealMessage } from '../../../src/spa/message.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import type { AccessRequest } from '../../../src/spa/payload.ts';
import { epochAt, type TagKind } from '../../../src/spa/tags.ts';

export { problemOf, temporaryFolder } from '../support.ts';

/** The middle of an epoch. */
export const WALL = 1_800_000_015_000;

/** Id of the boot in which tests run. */
export const BOOT = new Uint8Array(16).fill(0xb0);

/** Name of the configuration file in errors. */
export const FILE = 'gate.toml';

export const GATE_PRIVATE = privateOf(200);
const GATE_PUBLIC = nodeCrypto.publicKey(GATE_PRIVATE);

/** Time that goes by only when a test says so. */
export class FakeClock implements Clock {
  private wallNow: number;
  private steadyNow = 5_000;

  constructor(wall = WALL) {
    this.wallNow = wall;
  }

  wall(): number {
    return this.wallNow;
  }

  steady(): number {
    return this.steadyNow;
  }

  uptime(): number {
    return this.steadyNow / 1000;
  }

  pass(ms: number): void {
    this.wallNow += ms;
    this.steadyNow += ms;
  }

  /** Somebody sets the clock. */
  jump(ms: number): void {
    this.wallNow += ms;
  }
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is not an address`);
  return parsed;
}

/** Where knocks are sent. */
const GATE_ADDRESS = address('203.0.113.2');

/** An enrolled device: `seal` makes its knocks. */
export class Device {
  readonly publicKey: Uint8Array;
  private readonly privateKey: Uint8Array;

  constructor(number: number) {
    this.privateKey = privateOf(number);
    this.publicKey = nodeCrypto.publicKey(this.privateKey);
  }

  /** The public key as gate.toml holds it. */
  get key(): string {
    return formatKey(this.publicKey);
  }

  /** Seals a valid datagram for a time, with the given changes. */
  seal(now: number, slot: number, other: Partial<AccessRequest> = {}, kind: TagKind = 'ordinary'): Uint8Array {
    const pair = pairKeys(nodeCrypto, 'client', this.privateKey, GATE_PUBLIC);
    const request = {
      timestamp: now,
      source: undefined,
      destination: GATE_ADDRESS,
      duration: 0,
      ports: [],
      action: '',
      earlier: [],
      ...other,
    };
    return sealMessage(nodeCrypto, pair, { kind, epoch: epochAt(now), slot }, request);
  }
}

export const ALICE = new Device(1);
export const BOB = new Device(2);

/** The shortest good configuration. */
export const SHORTEST = `[gate]\n\n[[client]]\nname = "alice"\nkey = "${ALICE.key}"\n`;

/** The content of every `sequence_key_file`. */
export const SEQUENCE_KEY = new Uint8Array(32).fill(7);

/** The content of the file of every `[[fwknop]]`: the key, and that of the HMAC. */
const FWKNOP_KEY = new Uint8Array(32).fill(8);
const FWKNOP_HMAC_KEY = new Uint8Array(64).fill(9);

function hmacOf(digest: Digest | undefined): PacketKeys['hmac'] {
  return digest === undefined ? undefined : { digest, key: FWKNOP_HMAC_KEY };
}

/** Result of `loadGate` for a text, without files. */
export function loadedFrom(text: string): LoadedGate {
  const config = parseGateConfig(text, FILE);
  const profiles = profilesOf(config);
  const clients = config.clients.map((client) => ({
    policy: client,
    pair: pairKeys(nodeCrypto, 'gate', GATE_PRIVATE, client.key),
    profile: client.strict ? undefined : profiles.get(profileName(client.ports))?.number,
    sequenceKey: client.sequenceKeyFile === undefined ? undefined : SEQUENCE_KEY,
  }));
  const fwknop = config.fwknop.map((stanza) => {
    return { ...stanza, keys: { key: FWKNOP_KEY, mode: stanza.mode, hmac: hmacOf(stanza.hmac) } };
  });
  return { config, text, privateKey: GATE_PRIVATE, clients, fwknop };
}

export const SOURCE = address('198.51.100.7');

/** A packet that was sent to this gate. @param more what is otherwise: where it was sent to, and whether the kernel has opened to it */
export function packetOf(datagram: Uint8Array, source: Address = SOURCE, more: Partial<Packet> = {}): Packet {
  return { source, destination: GATE_ADDRESS, datagram, ...more };
}

/** An audit log that can be read. */
export function auditLog(): { entries: AuditEntry[]; audit: (entry: AuditEntry) => void } {
  const entries: AuditEntry[] = [];
  return { entries, audit: (entry) => entries.push(entry) };
}

function privateOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}
