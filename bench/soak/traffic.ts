import { randomBytes, randomInt } from 'node:crypto';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey, newPrivateKey } from '../../src/spa/keys.ts';
import { sealMessage } from '../../src/spa/message.ts';
import { type PairKeys, pairKeys } from '../../src/spa/outer.ts';
import { EPOCH_SECONDS, epochAt, SLOTS, TAG_LENGTH } from '../../src/spa/tags.ts';
import type { ClientEntry } from '../../test/rig/gate.ts';
import { TARGET4 } from '../../test/rig/netns.ts';
import { sleep } from '../../test/rig/process.ts';
import { requestTo } from '../../test/rig/request.ts';
import type { Knocker } from './knocker.ts';

/** A second. All of it together keeps a small machine busy for a tenth of its time. */
const RATES = { knocks: 20, junk: 200, replays: 10, forgeries: 2, stale: 1 } as const;

/** A client knocks again once its grant has ended for sure. */
const REST_MS = 8000;
/** Datagrams that somebody on the way has kept. */
const RECORDED = 5000;
const JUNK_BYTES = { least: 128, most: 512 } as const;
const HOUR_MS = 3_600_000;
const MISSES_KEPT = 20;
const TICK_MS = 50;

/** Counts since the start. */
export interface Traffic {
  knocks: number;
  opened: number;
  missed: number;
  /** Knocks that were missed, as far as they are kept: one client each, with the time at which it knocked (unix milliseconds). */
  readonly misses: { readonly client: string; readonly sentAt: number }[];
  /** Knocks before which the port was open already. */
  early: number;
  /** Milliseconds that the slowest knock took since somebody last set this to 0. */
  slowestMs: number;
}

/** Where the clients knock from, and an address of somebody else. */
const clientAddress = (n: number) => `192.0.2.${n + 20}`;
const STRANGER = '192.0.2.10';

/** Addresses, with prefix length, that the clients' namespace needs. */
export const addressesFor = (clients: number): string[] =>
  [STRANGER, ...Array.from({ length: clients }, (_, n) => clientAddress(n))].map((address) => `${address}/24`);

class SoakClient {
  readonly entry: ClientEntry;
  readonly address: string;
  restsUntil = 0;
  private readonly privateKey = newPrivateKey(nodeCrypto);
  private readonly keys: PairKeys;
  private epoch = 0;
  private slot = 0;

  constructor(n: number, gateKey: Uint8Array) {
    this.entry = { name: `client-${n}`, key: formatKey(nodeCrypto.publicKey(this.privateKey)) };
    this.address = clientAddress(n);
    this.keys = pairKeys(nodeCrypto, 'client', this.privateKey, gateKey);
  }

  /** A genuine message with a tag of its own; undefined when those of this epoch are used up. */
  seal(timestamp = Date.now()): Uint8Array | undefined {
    const present = epochAt(Date.now());
    if (present !== this.epoch) [this.epoch, this.slot] = [present, 0];
    if (this.slot >= SLOTS.usual) return undefined;
    const request = requestTo(TARGET4, { timestamp });
    return sealMessage(nodeCrypto, this.keys, { kind: 'ordinary', epoch: this.epoch, slot: this.slot++ }, request);
  }
}

/** Clients that knock in turn, and strangers who send junk, replays, forgeries with a right tag, and messages from an hour ago. */
export class Crowd {
  readonly traffic: Traffic = { knocks: 0, opened: 0, missed: 0, misses: [], early: 0, slowestMs: 0 };
  private readonly clients: readonly SoakClient[];
  /** Enrolled, and used for forgeries only: a forgery takes a tag that its client cannot use any more. */
  private readonly victims: readonly SoakClient[];
  /** One that comes and goes, and never knocks. */
  readonly guest: ClientEntry;
  private readonly recorded: Uint8Array[] = [];
  private readonly pending = new Set<Promise<void>>();
  private isPaused = false;

  constructor(count: number, gateKey: Uint8Array) {
    this.clients = Array.from({ length: count }, (_, n) => new SoakClient(n, gateKey));
    const victims = Math.ceil(((RATES.forgeries + RATES.stale) * EPOCH_SECONDS) / SLOTS.usual) + 1;
    this.victims = Array.from({ length: victims }, (_, n) => new SoakClient(count + n, gateKey));
    this.guest = new SoakClient(count + victims, gateKey).entry;
  }

  get entries(): ClientEntry[] {
    return [...this.victims, ...this.clients].map(({ entry }) => entry);
  }

  /** Keeps on until `signal` fires, and then waits for the knocks that are on their way. */
  async run(knocker: Knocker, signal: AbortSignal): Promise<void> {
    const start = performance.now();
    const sent = { knocks: 0, junk: 0, replays: 0, forgeries: 0, stale: 0 };
    const kinds: { readonly [kind in keyof typeof sent]: () => boolean } = {
      knocks: () => this.knock(knocker),
      junk: () => this.send(knocker, randomBytes(randomInt(JUNK_BYTES.least, JUNK_BYTES.most + 1))),
      replays: () => this.send(knocker, this.recorded[randomInt(Math.max(1, this.recorded.length))]),
      forgeries: () => this.send(knocker, spoiled(this.fromVictim())),
      stale: () => this.send(knocker, this.fromVictim(Date.now() - HOUR_MS)),
    };
    while (!signal.aborted && knocker.isRunning) {
      const seconds = (performance.now() - start) / 1000;
      for (const kind of Object.keys(kinds) as (keyof typeof sent)[])
        while (sent[kind] < seconds * RATES[kind] && kinds[kind]()) sent[kind] += 1;
      await sleep(TICK_MS);
    }
    if (!knocker.isRunning) throw new Error('the knocker has ended');
    await Promise.all(this.pending);
  }

  /**
   * Lets nobody knock while `work` is done; the knocks that are due then are made up for. nft begins a listing of a set anew whenever
   * something changes the table meanwhile, and would not end.
   */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    this.isPaused = true;
    await Promise.all(this.pending);
    try {
      return await work();
    } finally {
      this.isPaused = false;
    }
  }

  /** Whether there was a client whose turn it is. */
  private knock(knocker: Knocker): boolean {
    if (this.isPaused) return false;
    const rested = this.clients.filter(({ restsUntil }) => restsUntil <= performance.now());
    const [client] = rested.sort((a, b) => a.restsUntil - b.restsUntil);
    const message = client?.seal();
    if (client === undefined || message === undefined) return false;
    client.restsUntil = Number.POSITIVE_INFINITY;
    this.traffic.knocks += 1;
    const sentAt = Date.now();
    const done = knocker.knock(client.address, message).then(({ early, ms }) => {
      client.restsUntil = performance.now() + REST_MS;
      // Not before: a replay that overtakes its original is a relay, and takes the knock away.
      this.record(message);
      if (early) this.traffic.early += 1;
      if (ms !== undefined) this.traffic.opened += 1;
      else {
        this.traffic.missed += 1;
        if (this.traffic.misses.length < MISSES_KEPT) this.traffic.misses.push({ client: client.entry.name, sentAt });
      }
      this.traffic.slowestMs = Math.max(this.traffic.slowestMs, ms ?? 0);
      this.pending.delete(done);
    });
    this.pending.add(done);
    return true;
  }

  /** From a stranger. */
  private send(knocker: Knocker, datagram: Uint8Array | undefined): boolean {
    if (datagram === undefined) return false;
    knocker.send(STRANGER, datagram);
    return true;
  }

  private fromVictim(timestamp?: number): Uint8Array | undefined {
    for (const victim of this.victims) {
      const message = victim.seal(timestamp);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  private record(message: Uint8Array): void {
    if (this.recorded.length < RECORDED) this.recorded.push(message);
    else this.recorded[randomInt(RECORDED)] = message;
  }
}

/** With a right tag, and all else random: the kernel lets it through. */
function spoiled(datagram: Uint8Array | undefined): Uint8Array | undefined {
  return datagram && Buffer.concat([datagram.subarray(0, TAG_LENGTH), randomBytes(datagram.length - TAG_LENGTH)]);
}
