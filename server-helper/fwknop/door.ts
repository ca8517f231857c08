import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import type { Capture } from '../capture/capture.ts';
import type { Clock } from '../clock.ts';
import type { LeaveOut, LoadedGate } from '../config/load.ts';
import type { Means } from '../daemon/grant.ts';
import { reasonOf, restartNeeded } from '../problems.ts';
import { ReplayRecord } from '../verify/replay.ts';
import { memoryStore, openReplayFile, type ReplayStore } from '../verify/replay-file.ts';
import type { Packet } from '../verify/verify.ts';
import { type ReadyFwknop, readyKeys, replayKeyOf } from './keys.ts';
import { FwknopPipeline } from './pipeline.ts';

/**
 * Messages to remember for each key. fwknop's clients share keys, so it is more than a device needs; when it is full nothing
 * as old as what was forgotten is taken any more.
 */
const PLACES = 256;

export interface FwknopDoorParts extends Means {
  readonly crypto: CryptoProvider;
  readonly fwknopCrypto: FwknopCrypto;
  readonly clock: Clock;
  /** Hears the port of fwknop and no other. */
  readonly capture: Capture;
  /** Path of the replay file. */
  readonly replayFile: string;
  /** Id of this boot (`bootId`). */
  readonly boot: Uint8Array | undefined;
}

/** Hears packets of fwknop beside the gate: with a capture and a record of its own, so that neither is in the other's way. */
export class FwknopDoor {
  private readonly parts: FwknopDoorParts;
  private loaded: LoadedGate;
  private stanzas: readonly ReadyFwknop[] = [];
  private store: ReplayStore;
  private replay: ReplayRecord;
  private startedAt: number;

  constructor(parts: FwknopDoorParts, loaded: LoadedGate) {
    this.parts = parts;
    this.loaded = loaded;
    this.startedAt = parts.clock.wall();
    this.store = this.openStore(loaded);
    this.replay = new ReplayRecord(this.store, this.startedAt);
  }

  /**
   * @param leaveOut told of stanzas whose keys cannot be used
   * @throws Problem when the port cannot be heard
   */
  async start(leaveOut: LeaveOut): Promise<void> {
    this.stanzas = await readyKeys(this.loaded.fwknop, leaveOut);
    const { crypto: _, fwknopCrypto: crypto, capture, audit, ...parts } = this.parts;
    const current = () => ({ loaded: this.loaded, stanzas: this.stanzas, replay: this.replay });
    const pipeline = new FwknopPipeline({ ...parts, crypto, audit, current });
    await capture.start({
      packet: (packet: Packet) => void pipeline.handle(packet),
      lost: (detail) => audit({ event: 'capture-lost', detail: `fwknop: ${detail}` }),
      restored: () => audit({ event: 'capture-restored', detail: 'fwknop' }),
    });
  }

  /**
   * Says whether a configuration can be swapped in while the process runs, and makes its keys ready.
   * @param leaveOut told of stanzas whose keys cannot be used
   * @throws Problem `restart-needed` when packets would be heard in another way; `gpg-key-unusable`, `part-missing`
   */
  async prepare(loaded: LoadedGate, leaveOut?: LeaveOut): Promise<readonly ReadyFwknop[]> {
    if (hearing(loaded) !== hearing(this.loaded)) throw restartNeeded();
    return await readyKeys(loaded.fwknop, leaveOut);
  }

  /**
   * Swaps the stanzas; what was accepted stays known.
   * @param stanzas those of `loaded`, as `prepare` made them
   */
  async reload(loaded: LoadedGate, stanzas: readonly ReadyFwknop[]): Promise<void> {
    await this.replay.settled();
    // A record that the disk did not take lives in this process alone, and so goes on.
    if (!this.replay.degraded) {
      this.store.close();
      this.store = this.openStore(loaded);
      this.replay = new ReplayRecord(this.store, this.store.usable ? this.startedAt : this.parts.clock.wall());
    }
    this.loaded = loaded;
    this.stanzas = stanzas;
  }

  /** To be called when the wall clock was set, with the milliseconds, negative when it was set back. */
  clockWasSet(byMs: number): void {
    this.startedAt += byMs;
    this.replay.clockWasSet(byMs, this.parts.clock.wall());
  }

  /** To be called every few seconds. */
  heartbeat(): void {
    this.parts.capture?.heartbeat?.();
  }

  async stop(): Promise<void> {
    await this.parts.capture.stop();
    await this.replay.settled();
    this.store.close();
  }

  private openStore({ fwknop }: LoadedGate): ReplayStore {
    const { fwknopCrypto, crypto, clock, replayFile: path, boot } = this.parts;
    const clients = fwknop.map(({ keys }) => replayKeyOf(fwknopCrypto, keys));
    try {
      return openReplayFile({ path, clients, places: PLACES, now: clock.wall(), boot, crypto });
    } catch (error) {
      this.parts.audit({ event: 'state-degraded', detail: reasonOf(error) });
      return memoryStore(PLACES);
    }
  }
}

/** What the capture was started with. */
function hearing({ config, fwknop: stanzas }: LoadedGate): string {
  const { capture, fwknop } = config.gate;
  return stanzas.length === 0 ? 'none' : `${capture} ${fwknop.port} ${fwknop.nflogGroup}`;
}
