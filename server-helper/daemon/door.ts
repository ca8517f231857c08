import type { CryptoProvider } from '../../src/spa/crypto.ts';
import type { Audit } from '../audit/audit.ts';
import type { Capture, CaptureEvents } from '../capture/capture.ts';
import type { Clock } from '../clock.ts';
import { reasonOf, restartNeeded } from '../problems.ts';
import { ReplayRecord } from '../verify/replay.ts';
import { memoryStore, openReplayFile, type ReplayStore } from '../verify/replay-file.ts';

export interface DoorParts {
  readonly crypto: CryptoProvider;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly capture: Capture;
  /** Path of the replay file. */
  readonly replayFile: string;
  /** Id of this boot (`bootId`). */
  readonly boot: Uint8Array | undefined;
}

/** Settings of a door, from a configuration. */
export interface DoorSettings {
  /** Says how packets are captured: stays the same for as long as the process runs. */
  readonly hearing: string;
  /** Keys of the replay record, 32 bytes each: one for each sender, or for those that share a key. */
  readonly senders: readonly Uint8Array[];
  /** Accepted messages to remember for each of them. */
  readonly places: number;
}

/**
 * A way by which a gate can be asked to open: what hears the packets, and the record of those that were accepted. Our own message
 * comes through one, fwknop's packets through another, so that neither is in the other's way.
 */
export class Door {
  private readonly parts: DoorParts;
  /** Said of it in the audit log; empty for our own message. */
  private readonly name: string;
  private settings: DoorSettings;
  private store: ReplayStore;
  private record: ReplayRecord;
  /** Unix milliseconds at which this process began, by the clock as it is set now. */
  private startedAt: number;
  /** Steady milliseconds since when packets are not heard. */
  private deaf: number | undefined;

  constructor(parts: DoorParts, name: string, settings: DoorSettings) {
    this.parts = parts;
    this.name = name;
    this.settings = settings;
    this.startedAt = parts.clock.wall();
    this.deaf = parts.clock.steady();
    this.store = this.openStore();
    this.record = new ReplayRecord(this.store, this.startedAt);
  }

  /** Read it anew for each packet: a reload replaces it. */
  get replay(): ReplayRecord {
    return this.record;
  }

  /** Steady milliseconds; undefined while packets are heard. */
  get deafSince(): number | undefined {
    return this.deaf;
  }

  /** @throws Problem when packets cannot be heard here */
  async listen(events: Pick<CaptureEvents, 'packet' | 'reported'>): Promise<void> {
    const { capture, clock, audit } = this.parts;
    await capture.start({
      ...events,
      lost: (detail) => {
        this.deaf ??= clock.steady();
        audit({ event: 'capture-lost', detail: this.name === '' ? detail : `${this.name}: ${detail}` });
      },
      restored: () => {
        this.deaf = undefined;
        audit({ event: 'capture-restored', ...(this.name !== '' && { detail: this.name }) });
      },
    });
    this.deaf = undefined;
  }

  /** @throws Problem `restart-needed` when another configuration would have packets captured in another way */
  expectSameCapture({ hearing }: Pick<DoorSettings, 'hearing'>): void {
    if (hearing !== this.settings.hearing) throw restartNeeded();
  }

  /** Makes room for other senders; what was accepted stays known. */
  async adopt(settings: DoorSettings): Promise<void> {
    this.settings = settings;
    await this.record.settled();
    // A record that the disk did not take lives in this process alone, and so goes on.
    if (this.record.degraded) return;
    if (this.store.makeRoom(settings.senders, settings.places)) return;
    this.store.close();
    this.store = this.openStore();
    // A record that starts empty knows nothing of what was accepted before it: not at a reload either.
    const knownSince = this.store.usable ? this.startedAt : this.parts.clock.wall();
    this.record = new ReplayRecord(this.store, knownSince, this.record);
  }

  /**
   * The check `state-degraded` of protocol.md: whether a message that was accepted may be granted.
   * @param durable of the record that accepted it
   * @param timestamp of the message, unix milliseconds
   */
  async mayGrant(durable: Promise<boolean>, timestamp: number): Promise<boolean> {
    const { record } = this;
    const wasDegraded = record.degraded;
    const isDurable = await durable;
    if (!isDurable && !wasDegraded)
      this.parts.audit({ event: 'state-degraded', detail: 'the replay file cannot be written; kept in memory' });
    return isDurable || record.takesUnrecorded(timestamp);
  }

  /** To be called when the wall clock was set, with the milliseconds, negative when it was set back. */
  clockWasSet(byMs: number): void {
    this.startedAt += byMs;
    this.record.clockWasSet(byMs, this.parts.clock.wall());
  }

  /** To be called every few seconds. */
  heartbeat(): void {
    this.parts.capture.heartbeat?.();
  }

  async stop(): Promise<void> {
    await this.stopListening();
    await this.close();
  }

  async stopListening(): Promise<void> {
    await this.parts.capture.stop();
  }

  /** To be called when nothing is heard any more: resolves when all that was accepted is written down. */
  async close(): Promise<void> {
    await this.record.settled();
    this.store.close();
  }

  private openStore(): ReplayStore {
    const { replayFile: path, boot, clock, crypto } = this.parts;
    const { senders: clients, places } = this.settings;
    try {
      return openReplayFile({ path, boot, clients, places, now: clock.wall(), crypto });
    } catch (error) {
      this.parts.audit({ event: 'state-degraded', detail: reasonOf(error) });
      return memoryStore(places);
    }
  }
}
