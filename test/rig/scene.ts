import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { parseSecretKey } from '../../src/spa/keys.ts';
import { sealMessage, sealWith } from '../../src/spa/message.ts';
import { type PairKeys, pairKeys } from '../../src/spa/outer.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import { epochAt, SLOTS, type TagSlot } from '../../src/spa/tags.ts';
import { Client, type JsonResult } from './client.ts';
import { type Flooded, type FloodOptions, flood } from './flood.ts';
import { type AuditLine, type ClientEntry, Gate, type GateOptions } from './gate.ts';
import { createPair, type Pair, TARGET4 } from './netns.ts';
import { isOpen } from './probe.ts';
import { requestTo } from './request.ts';
import { type Sshd, startSshd } from './sshd.ts';

/** Name by which the client knows the gate, and the gate the client. */
export const HOST = 'target';
export const CLIENT = 'alice-laptop';
/** The knock port that scenes use unless they say otherwise: the first of the gate's. */
export const KNOCK_PORT = 443;
/** Every knock at a scene's gate, in tcpdump's language. A client that gets no answer tries the gate's other knock port. */
export const KNOCKS = '(udp dst port 443 or udp dst port 62201)';

/**
 * The gate has twice the single-use tags that its client knows of: the client draws from the lower half at random, a test that
 * seals messages of its own takes from the upper half, and neither can spend a tag of the other.
 */
const CLIENT_SLOTS = SLOTS.most / 2;

/** Options of a scene; all may be left out. */
export interface SceneOptions {
  /** Shows up in the namespaces' names. */
  name?: string;
  /** More addresses for the client, with prefix length. */
  clientAddresses?: readonly string[];
  /** Settings of `[gate]`. */
  settings?: Record<string, unknown>;
  /** More fields of the client's own entry. */
  entry?: Record<string, unknown>;
  /** Entries of clients beside the scene's own. */
  others?: readonly ClientEntry[];
  gate?: Omit<GateOptions, 'settings' | 'clients'>;
  /** Whether to start the daemon; otherwise the test does. */
  start?: boolean;
}

/** Fields of a message that differ from the usual ones; the slot to take rather than the next free one; the address that it goes to. */
export type Overrides = Partial<AccessRequest> & Partial<TagSlot> & { length?: number; to?: string };

/** Destination and source of a datagram. */
export type Way = Partial<Pick<FloodOptions, 'host' | 'port' | 'source' | 'sourcePort'>>;

/** Status as `knockgated status --json` prints it, as far as tests read it. */
export interface Status {
  pid: number;
  armed: string | null;
  grants: number;
  capture: string;
  state: string;
  restored: number;
  packets: { received: number; unmatched: number; refused: number; granted: number };
  kernel: { opened: number; asked: number; spent: number; junk: number; hidden: number };
}

/** Two hosts, sshd and a gate on one of them, an enrolled client on the other. */
export class Scene {
  readonly pair: Pair;
  readonly sshd: Sshd;
  readonly gate: Gate;
  readonly client: Client;
  /** Keys that client and gate derive for each other. */
  readonly keys: PairKeys;
  /** The client's entry in gate.toml. */
  readonly entry: ClientEntry;
  /** The gate's line as the client has it. */
  readonly line: string;
  private readonly settings: Record<string, unknown>;
  private readonly others: readonly ClientEntry[];
  private readonly used = new Map<number, number>();

  private constructor(
    parts: Pick<Scene, 'pair' | 'sshd' | 'gate' | 'client' | 'keys' | 'entry' | 'line'>,
    options: SceneOptions,
  ) {
    this.pair = parts.pair;
    this.sshd = parts.sshd;
    this.gate = parts.gate;
    this.client = parts.client;
    this.keys = parts.keys;
    this.entry = parts.entry;
    this.line = parts.line;
    this.settings = settingsOf(options);
    this.others = options.others ?? [];
  }

  /** Makes everything, and starts the daemon unless told not to. */
  static async make(options: SceneOptions = {}): Promise<Scene> {
    const { name, clientAddresses, others = [] } = options;
    const pair = await createPair({ ...(name && { name }), ...(clientAddresses && { clientAddresses }) });
    try {
      const sshd = await startSshd(pair.target, { greeting: 'Welcome behind the gate' });
      const client = new Client(pair.client);
      const entry = { ...(await client.keygen(CLIENT)), ...options.entry };
      const gate = new Gate(pair.target, {
        ...options.gate,
        settings: settingsOf(options),
        clients: [entry, ...others],
      });
      const line = withSlots(await gate.enrolmentLine(HOST), CLIENT_SLOTS);
      await client.add(line);
      const keys = keysOf(client, line);
      const scene = new Scene({ pair, sshd, client, entry, gate, line, keys }, options);
      if (options.start ?? true) await gate.start();
      return scene;
    } catch (error) {
      pair.destroy();
      throw error;
    }
  }

  /** Ends everything and deletes what was made. */
  async end(): Promise<void> {
    await this.gate.dispose();
    await this.sshd.stop();
    this.client.dispose();
    this.pair.destroy();
  }

  /** A genuine message of the scene's client, as it goes over the wire; every call takes a tag of its own. */
  seal(overrides: Overrides = {}): Uint8Array {
    return sealFor(this.keys, { ...this.place(), ...overrides });
  }

  /** A place that neither this scene nor its client has used, in an epoch that the gate surely knows. */
  place(): TagSlot {
    const present = epochAt(Date.now());
    for (const epoch of [present, present + 1, present - 1]) {
      const slot = this.used.get(epoch) ?? CLIENT_SLOTS;
      if (slot >= SLOTS.most) continue;
      this.used.set(epoch, slot + 1);
      return { kind: 'ordinary', epoch, slot };
    }
    throw new Error('the scene has used up its tags: wait for the next epoch');
  }

  /** Sends one datagram from the client's host; by default to the gate's IPv4 address and its first knock port. */
  async send(datagram: Uint8Array, way: Way = {}): Promise<void> {
    const { sent } = await this.flood({ ...way, count: 1, bodies: [datagram] });
    if (sent !== 1) throw new Error('the datagram was not sent');
  }

  /** Sends datagrams from the client's host, bounded in number and time. */
  flood(options: Way & Omit<FloodOptions, 'host' | 'port'>): Promise<Flooded> {
    return flood(this.pair.client, { host: TARGET4, port: KNOCK_PORT, ...options });
  }

  /** Sends one datagram and waits for the audit line that tells its result. */
  async outcome(datagram: Uint8Array, way: Way = {}): Promise<AuditLine> {
    const since = this.gate.events.length;
    await this.send(datagram, way);
    return await this.gate.audit(({ event }) => event === 'granted' || event === 'refused', 5000, since);
  }

  /** `knockgate knock target … --json`, which knocks even when a grant is live. */
  knock(...args: string[]): Promise<JsonResult> {
    return this.client.json(['knock', HOST, '--force', ...args]);
  }

  /** Whether the client's host gets through to sshd, or to another TCP port. */
  isOpen(host: string = TARGET4, port = 22, timeoutMs?: number): Promise<boolean> {
    return isOpen(this.pair.client, host, port, timeoutMs);
  }

  /** Writes gate.toml anew with changes to the client's entry and to the settings; nobody reads it yet. */
  configure(entry: Record<string, unknown>, settings: Record<string, unknown> = {}): void {
    this.gate.configure({ ...this.settings, ...settings }, [{ ...this.entry, ...entry }, ...this.others]);
  }

  /** Writes it as `configure` does, and makes the running daemon read it. */
  async reconfigure(entry: Record<string, unknown>, settings: Record<string, unknown> = {}): Promise<void> {
    this.configure(entry, settings);
    const since = this.gate.events.length;
    this.gate.reload();
    await this.gate.audit(({ event }) => event === 'reloaded', 10_000, since);
  }

  /** Counts of the running daemon and the kernel. */
  async status(): Promise<Status> {
    const { code, stdout, stderr } = await this.gate.cli(['status', '--json']);
    if (code !== 0) throw new Error(`knockgated status: exit ${code}: ${stderr}`);
    return JSON.parse(stdout) as Status;
  }
}

/** A message of the client with these keys; the place must be given. */
export function sealFor(
  keys: PairKeys,
  { kind, epoch, slot, length, to, ...request }: Overrides & TagSlot,
): Uint8Array {
  const place = { kind, epoch, slot };
  const whole = requestTo(to, request);
  if (length === undefined) return sealMessage(nodeCrypto, keys, place, whole);
  return sealWith(nodeCrypto, keys, place, whole, { random: nodeCrypto.randomBytes(32), length });
}

/** Derives a client's keys for the gate of that line, from its key file. */
function keysOf(client: Client, line: string): PairKeys {
  const key = parseSecretKey(readFileSync(keyFile(client), 'latin1').trim());
  if (key === undefined) throw new Error('the client has no key');
  return pairKeys(nodeCrypto, 'client', key, parseGateLine(line).key);
}

/** Path of a client's private key. */
export function keyFile(client: Client): string {
  return join(client.configHome, 'knockgate', 'id');
}

function settingsOf(options: SceneOptions): Record<string, unknown> {
  return { slots: SLOTS.most, ...options.settings };
}

function withSlots(line: string, slots: number): string {
  const words = line.split(' ');
  words[3] = String(slots);
  return words.join(' ');
}
