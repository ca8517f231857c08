import { sameBytes } from '../../src/base/addresses.ts';
import type { ConfiguredClient } from './client-config.ts';
import type { FleetSource } from './fleet-source.ts';
import type { PreviousKey } from './keys.ts';
import type { LoadedClient } from './loaded-client.ts';

/*
 * Saves a reload from reading and deriving again the clients that stay as they are. They are the same objects as before, by which
 * the steps behind know that nothing has changed.
 */

/** A client's table: its text, and what was read from it. It is the same object from one reading to the next. */
export interface ReadClient {
  part: string;
  /** The client that it is known to be; its table is not read. */
  readonly known: ConfiguredClient;
  /** Where it begins in the text that was read last. */
  line: number;
  readonly lines: number;
  readonly tables: readonly [];
  /** The reading that has found it last. */
  reading: object | undefined;
}

/** Tables that have changed since, and are kept beside those of the present text. */
const MOST_STALE = 100;

/**
 * Clients by the text of their tables. What a client's table says depends on the other tables too (`[gate]`, `[[forward]]`): when one
 * of these changes, nothing is kept.
 */
class ReadClients {
  private beside: string | undefined;
  private clients = new Map<string, ReadClient>();

  /** The client whose table, and no other one, a text was. It may say something else beside other tables. */
  get(part: string): ReadClient | undefined {
    return this.clients.get(part);
  }

  /** @param beside text of all tables that are not a client's */
  isBeside(beside: string): boolean {
    return beside === this.beside;
  }

  /** Keeps the clients of a text. To make a map of thousands takes longer than to add one. */
  keep(beside: string, present: readonly ReadClient[], fresh: readonly ReadClient[]): void {
    const isLike = this.isBeside(beside) && this.clients.size + fresh.length <= present.length + MOST_STALE;
    if (!isLike) this.clients = new Map();
    this.beside = beside;
    for (const each of isLike ? fresh : present) {
      // A piece of a text keeps the whole text in memory.
      if (isLike) each.part = Buffer.from(each.part).toString();
      this.clients.set(each.part, each);
    }
  }
}

/** Clients with what was derived for them, by what was read. Nothing is kept of a key of the gate that is another now. */
class DerivedClients {
  private gateKey: Uint8Array = new Uint8Array(0);
  private previous: PreviousKey | undefined;
  private present: ReadonlyMap<ConfiguredClient, LoadedClient> = new Map();
  private before: ReadonlyMap<LoadedClient, LoadedClient> = new Map();

  /** The gate's key as the object that it was before, where the bytes are the same. */
  gateKeyLike(key: Uint8Array): Uint8Array {
    return sameBytes(key, this.gateKey) ? this.gateKey : key;
  }

  /** Clients under a key of `gateKeyLike`. */
  of(gateKey: Uint8Array): ReadonlyMap<ConfiguredClient, LoadedClient> {
    return gateKey === this.gateKey ? this.present : new Map();
  }

  /** The same clients under the gate's previous key, by what they are under the present one. */
  ofPrevious({ key, until }: PreviousKey): ReadonlyMap<LoadedClient, LoadedClient> {
    const { previous } = this;
    return previous?.until === until && sameBytes(previous.key, key) ? this.before : new Map();
  }

  /** Replaces what is kept. */
  keep(gateKey: Uint8Array, present: ReadonlyMap<ConfiguredClient, LoadedClient>): void {
    this.gateKey = gateKey;
    this.present = present;
  }

  /** Replaces what is kept of the previous key. */
  keepPrevious(previous: PreviousKey | undefined, before: ReadonlyMap<LoadedClient, LoadedClient>): void {
    this.previous = previous;
    this.before = before;
  }
}

/** Kept from one reading of the configuration to the next. A new one keeps nothing. */
export class Kept {
  readonly read = new ReadClients();
  readonly derived = new DerivedClients();
  /** Undefined: the gate is in no fleet. */
  fleet: FleetSource | undefined;
}
