import { lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toBase64Url } from '../../base/bytes.ts';
import { replaceFile } from '../../os/atomic-file.ts';
import type { Clock } from '../../os/clock.ts';
import { withLock } from '../../os/file-lock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { formatKey } from '../../spa/keys.ts';
import type { PairKeys } from '../../spa/outer.ts';
import { epochAt, type TagSlot } from '../../spa/tags.ts';
import { type Knowledge, knowledgeOf, withPlace } from './known-places.ts';
import {
  addGrant,
  clocksOf,
  confirmClock,
  formatGate,
  type GateState,
  type Grant,
  learnClock,
  newGate,
  parseGate,
  setClocks,
  spendSlots,
  takeSlots,
  type Wanted,
} from './ledger-state.ts';
import { type ToldAddress, withoutTold, withTold } from './told-addresses.ts';

/**
 * Notes for all processes that share a key: slots used, live grants, the clock of each gate. A folder beside the key with a file for
 * each gate, changed under a lock. A file is on the way to the first packet, so it is small, and read and written in one go: how many
 * other gates there are makes no difference. Where it cannot be written it lives in this process's memory: a knock never fails for it.
 */
export class Ledger {
  private readonly folder: string | undefined;
  private readonly clock: Clock;
  private readonly crypto: CryptoProvider;
  /** Gates by their keys, whose notes are not written, or cannot be. */
  private readonly inMemory = new Map<string, GateState>();

  /** @param folder is made when missing. Undefined: nothing is written */
  constructor(folder: string | undefined, clock: Clock, crypto: CryptoProvider) {
    this.folder = folder;
    this.clock = clock;
    this.crypto = crypto;
  }

  /** State of a gate now, read without the lock: the file is only ever replaced whole. */
  look(pair: Pick<PairKeys, 'gatePublic'>): { readonly grants: readonly Grant[] } {
    return this.stateOf(pair);
  }

  /**
   * Corrections to try when a host is knocked at, in this order; at least one. Each is added to our time, in milliseconds.
   * They are kept by host and gate. A server that lies about its time harms the knocks at itself alone.
   */
  clocks(pair: Pick<PairKeys, 'gatePublic'>, host: string): readonly number[] {
    return clocksOf(this.stateOf(pair), host);
  }

  /**
   * Takes a slot for each message, none of them used before by anybody with this key.
   * @param slots how many ordinary ones the gate has for each epoch
   * @param clockOffsetMs what is added to our time
   * @returns the messages with their slots, in the same order; without those for which none is left
   */
  takeSlots<T extends Wanted>(
    pair: PairKeys,
    slots: number,
    wanted: readonly T[],
    clockOffsetMs: number,
  ): Promise<(T & TagSlot)[]> {
    return this.change(pair, (gate) => {
      const epoch = epochAt(this.clock.wallMs() + clockOffsetMs);
      return takeSlots(gate, formatKey(pair.clientPublic), epoch, slots, wanted, (most) => this.randomBelow(most));
    });
  }

  /** Whether a gate knows a place of ours. */
  knowledgeOf(pair: PairKeys, place: string): Knowledge {
    const { known } = this.stateOf(pair);
    return knowledgeOf(known.get(formatKey(pair.clientPublic)), place, this.clock.wallMs());
  }

  /**
   * Remembers a place of ours that a gate knows from now on.
   * @param isDoubted whether an address-bound tag opened nothing from there
   */
  addPlace(pair: PairKeys, place: string, isDoubted: boolean): Promise<void> {
    const client = formatKey(pair.clientPublic);
    return this.change(pair, ({ known }) => {
      known.set(client, withPlace(known.get(client), place, isDoubted, this.clock.wallMs()));
    });
  }

  /** Address that the gate sees us come from, in the network where our own one is `local`; undefined when nobody has told us. */
  toldAddress(pair: PairKeys, local: string): string | undefined {
    const { told } = this.stateOf(pair);
    return told.find((each) => each.local === local)?.address;
  }

  /** Remembers an address that the gate's server told us over SSH. */
  async tell(pair: PairKeys, told: ToldAddress): Promise<void> {
    if (this.toldAddress(pair, told.local) === told.address) return;
    await this.change(pair, (gate) => {
      gate.told = withTold(gate.told, told);
    });
  }

  /** Forgets a told address: a knock that did not claim it opened the gate, and one that did had not. */
  forgetTold(pair: PairKeys, local: string): Promise<void> {
    return this.change(pair, (gate) => {
      gate.told = withoutTold(gate.told, local);
    });
  }

  /** Remembers a port that was seen open. */
  addGrant(pair: PairKeys, grant: Grant): Promise<void> {
    return this.change(pair, (gate) => addGrant(gate, grant, this.clock.wallMs()));
  }

  /**
   * Remembers how wrong a host's clock is: later knocks try that first.
   * @param clockOffsetMs milliseconds that the gate's clock is ahead of ours
   * @param spent slots of the messages that showed it, which were not taken from this ledger
   */
  learnClock(pair: PairKeys, host: string, clockOffsetMs: number, spent: readonly TagSlot[]): Promise<void> {
    return this.change(pair, (gate) => {
      learnClock(gate, host, clockOffsetMs);
      spendSlots(gate, formatKey(pair.clientPublic), spent);
    });
  }

  /**
   * Remembers the clock of a gate that is about to be knocked at for the first time, or again after a change.
   * @param clockOffsetMs milliseconds that the gate's clock is ahead of ours
   * @returns a function that undoes it: an unknown gate is unknown again, and its slots too
   */
  async learnGate(pair: PairKeys, host: string, clockOffsetMs: number): Promise<() => Promise<void>> {
    const isKnown = this.find(pair) !== undefined;
    const before = this.clocks(pair, host);
    await this.learnClock(pair, host, clockOffsetMs, []);
    return () => (isKnown ? this.change(pair, (gate) => setClocks(gate, host, before)) : this.forget(pair));
  }

  /** Remembers the correction that a host has opened to. */
  async confirmClock(pair: PairKeys, host: string, clockOffsetMs: number): Promise<void> {
    const [first, ...others] = this.clocks(pair, host);
    const isNews = others.length > 0 && (clockOffsetMs !== first || clockOffsetMs === 0);
    if (isNews) await this.change(pair, (gate) => confirmClock(gate, host, clockOffsetMs));
  }

  private stateOf(pair: Pick<PairKeys, 'gatePublic'>): GateState {
    return this.find(pair) ?? newGate();
  }

  private find(pair: Pick<PairKeys, 'gatePublic'>): GateState | undefined {
    return this.inMemory.get(formatKey(pair.gatePublic)) ?? this.read(pair);
  }

  private change<T>(pair: PairKeys, action: (gate: GateState) => T): Promise<T> {
    const onDisk = (folder: string, token: string): T => {
      const gate = this.stateOf(pair);
      const result = action(gate);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      replaceFile(fileIn(folder, pair), formatGate(gate), token, false);
      return result;
    };
    return this.locked(pair, onDisk, action);
  }

  /** Forgets a gate. Where it was the only one, no folder is left behind. */
  private forget(pair: PairKeys): Promise<void> {
    const onDisk = (folder: string) => {
      rmSync(fileIn(folder, pair), { force: true });
      try {
        rmdirSync(folder);
      } catch (error) {
        // Not empty: there are other gates.
        if (systemErrorCode(error) === undefined) throw error;
      }
    };
    return this.locked(pair, onDisk, () => void this.inMemory.delete(formatKey(pair.gatePublic)));
  }

  /** Does something under the lock, or with the gate in memory where its notes cannot be written. */
  private async locked<T>(
    pair: PairKeys,
    onDisk: (folder: string, token: string) => T,
    inMemory: (gate: GateState) => T,
  ): Promise<T> {
    const { folder } = this;
    const key = formatKey(pair.gatePublic);
    const isWritten = folder !== undefined && !this.inMemory.has(key) && isOurs(folder, fileIn(folder, pair));
    if (isWritten) {
      const token = toBase64Url(this.crypto.randomBytes(9));
      const sleep = (ms: number) => this.clock.sleep(ms);
      try {
        mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
        return await withLock(`${folder}.lock`, token, sleep, () => onDisk(folder, token));
      } catch (error) {
        if (systemErrorCode(error) === undefined) throw error;
      }
    }
    const gate = this.stateOf(pair);
    this.inMemory.set(key, gate);
    return inMemory(gate);
  }

  /** Reads the notes about a gate; undefined where there are none that can be trusted. */
  private read(pair: Pick<PairKeys, 'gatePublic'>): GateState | undefined {
    if (this.folder === undefined) return undefined;
    const file = fileIn(this.folder, pair);
    if (!isOurs(this.folder, file)) return undefined;
    try {
      return parseGate(readFileSync(file, 'utf8'));
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  private randomBelow(most: number): number {
    const bytes = this.crypto.randomBytes(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) % most;
  }
}

function fileIn(folder: string, { gatePublic }: Pick<PairKeys, 'gatePublic'>): string {
  return join(folder, `${formatKey(gatePublic)}.json`);
}

/**
 * Whether nobody else can have put the folder and the file there. A key may lie in a folder where everybody may write: a link there
 * could lead the ledger to any file of ours, and a foreign ledger could set our clock wrong or use up our slots.
 */
function isOurs(folder: string, file: string): boolean {
  const own = process.getuid?.();
  // On Windows, the folders that are used belong to their user.
  if (own === undefined) return true;
  try {
    if ((statSync(dirname(folder)).mode & 0o002) !== 0) return false;
    const [ledger, notes] = [folder, file].map((path) => lstatSync(path, { throwIfNoEntry: false }));
    if (ledger !== undefined && !(ledger.isDirectory() && ledger.uid === own && (ledger.mode & 0o002) === 0))
      return false;
    return notes === undefined || (notes.isFile() && notes.uid === own);
  } catch {
    // The folder does not exist, or cannot be read: making it shows which.
    return true;
  }
}
