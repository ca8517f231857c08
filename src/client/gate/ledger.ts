import { lstatSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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
  formatLedger,
  type GateState,
  type Grant,
  gateState,
  type LedgerState,
  learnClock,
  parseLedger,
  setClocks,
  spendSlots,
  takeSlots,
  type Wanted,
} from './ledger-state.ts';
import { type ToldAddress, withoutTold, withTold } from './told-addresses.ts';

/**
 * Notes for all processes that share a key: slots used, live grants, the clock of each gate; a
 * file beside the key, changed under a lock. It is on the way to the first packet, so it is small, and read and written
 * in one go. Where it cannot be written it lives in this process's memory: a knock never fails for it.
 */
export class Ledger {
  private readonly path: string;
  private readonly clock: Clock;
  private readonly crypto: CryptoProvider;
  /** Content of the ledger when there is no file, or it cannot be written. */
  private inMemory: LedgerState | undefined;

  /** @param path of the file; its folder is made when missing. Undefined: nothing is written */
  constructor(path: string | undefined, clock: Clock, crypto: CryptoProvider) {
    this.path = path ?? '';
    this.inMemory = path === undefined ? { gates: new Map() } : undefined;
    this.clock = clock;
    this.crypto = crypto;
  }

  /** State of a gate now, read without the lock: the file is only ever replaced whole. */
  look(pair: Pick<PairKeys, 'gatePublic'>): { readonly grants: readonly Grant[] } {
    return gateState(this.inMemory ?? this.read(), formatKey(pair.gatePublic));
  }

  /**
   * Corrections to try when a host is knocked at, in this order; at least one. Each is added to our time, in milliseconds.
   * They are kept by host and gate. A server that lies about its time harms the knocks at itself alone.
   */
  clocks(pair: Pick<PairKeys, 'gatePublic'>, host: string): readonly number[] {
    return clocksOf(gateState(this.inMemory ?? this.read(), formatKey(pair.gatePublic)), host);
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
    const { known } = gateState(this.inMemory ?? this.read(), formatKey(pair.gatePublic));
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
    const { told } = gateState(this.inMemory ?? this.read(), formatKey(pair.gatePublic));
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
    const gateKey = formatKey(pair.gatePublic);
    const before = (this.inMemory ?? this.read()).gates.get(gateKey);
    await this.learnClock(pair, host, clockOffsetMs, []);
    return () =>
      this.change(pair, (gate, state) => {
        if (before === undefined) state.gates.delete(gateKey);
        else setClocks(gate, host, clocksOf(before, host));
      });
  }

  /** Remembers the correction that a host has opened to. */
  async confirmClock(pair: PairKeys, host: string, clockOffsetMs: number): Promise<void> {
    const [first, ...others] = this.clocks(pair, host);
    const isNews = others.length > 0 && (clockOffsetMs !== first || clockOffsetMs === 0);
    if (isNews) await this.change(pair, (gate) => confirmClock(gate, host, clockOffsetMs));
  }

  private async change<T>(pair: PairKeys, action: (gate: GateState, state: LedgerState) => T): Promise<T> {
    const gateKey = formatKey(pair.gatePublic);
    const changed = (state: LedgerState) => action(gateState(state, gateKey), state);
    if (this.inMemory !== undefined) return changed(this.inMemory);
    const token = toBase64Url(this.crypto.randomBytes(9));
    if (!isOurs(this.path)) {
      this.inMemory = { gates: new Map() };
      return changed(this.inMemory);
    }
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      return await withLock(
        `${this.path}.lock`,
        token,
        (ms) => this.clock.sleep(ms),
        () => this.changeFile(token, changed),
      );
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      this.inMemory = this.read();
      return changed(this.inMemory);
    }
  }

  private changeFile<T>(token: string, changed: (state: LedgerState) => T): T {
    const state = this.read();
    const result = changed(state);
    // A gate that was undone leaves nothing behind.
    if (state.gates.size === 0) rmSync(this.path, { force: true });
    else replaceFile(this.path, formatLedger(state), token, false);
    return result;
  }

  private read(): LedgerState {
    if (!isOurs(this.path)) return { gates: new Map() };
    try {
      return parseLedger(readFileSync(this.path, 'utf8'));
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      return { gates: new Map() };
    }
  }

  private randomBelow(most: number): number {
    const bytes = this.crypto.randomBytes(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) % most;
  }
}

/**
 * Whether nobody else can have put the file there. A key may lie in a folder where everybody may write: a link there could lead the
 * ledger to any file of ours, and a foreign ledger could set our clock wrong or use up our slots.
 */
function isOurs(path: string): boolean {
  const own = process.getuid?.();
  // On Windows, the folders that are used belong to their user.
  if (own === undefined) return true;
  try {
    const folder = statSync(dirname(path));
    if ((folder.mode & 0o002) !== 0) return false;
    const file = lstatSync(path, { throwIfNoEntry: false });
    return file === undefined || (file.isFile() && file.uid === own);
  } catch {
    // The folder does not exist, or cannot be read: making it shows which.
    return true;
  }
}
