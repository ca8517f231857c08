import { setImmediate as immediate, setTimeout as timeout } from 'node:timers/promises';
import type { Address } from '../../src/base/addresses.ts';
import type { Packet } from '../capture/packet.ts';
import type { LoadedGate } from '../config/load.ts';
import type { Armed } from '../firewall/firewall.ts';
import { starting, trialOver } from '../problems.ts';
import type { IssuedTags } from '../verify/tags.ts';
import { Arming, type ArmingParts } from './arming.ts';
import { Door, type DoorParts } from './door.ts';
import { doorSettingsOf, hearing } from './door-settings.ts';
import type { Means } from './grant.ts';
import { KernelTags, type KernelTagsParts } from './kernel-tags.ts';
import { OpenedTags } from './opened-tags.ts';
import type { Pauses } from './pauses.ts';
import { Pipeline } from './pipeline.ts';
import { restoredDetail } from './restored.ts';
import { SequenceRotation } from './sequence-rotation.ts';

export interface GateParts extends Means, DoorParts, KernelTagsParts, ArmingParts {
  /** Until when the gate is on trial, in seconds of the boot clock; undefined when it is not. Asked at every start and reload. */
  readonly trial: () => number | undefined;
  /** The doors beside that of our own message. */
  readonly otherDoors: () => readonly Door[];
  /** Told of sequences that were completed and of visits of decoys, as the capture is, and of what is in force. */
  readonly reported: (prefix: string, source: Address, loaded: LoadedGate) => void;
}

/** State of the gate, for `knockgated status`. */
export interface GateState {
  readonly armedAt: number | undefined;
  readonly capturing: boolean;
  readonly state: 'durable' | 'degraded';
  readonly restored: number;
  /** Seconds for which clients at known addresses get in without a daemon. */
  readonly leadSeconds: number;
  /** Whole seconds until a trial ends, 0 once it has; undefined without one. */
  readonly trialLeft: number | undefined;
}

/** Puts the stages together and keeps them as they should be. Its owner calls `second` and `heartbeat`. */
export class Gate {
  readonly pipeline: Pipeline;
  readonly arming: Arming;
  private readonly parts: GateParts;
  private readonly tags: KernelTags;
  private readonly opened: OpenedTags;
  private readonly sequences: SequenceRotation;
  private loaded: LoadedGate;
  private readonly door: Door;
  private armedAt: number | undefined;
  /** It has begun to hear knocks. */
  private listens = false;
  /** When the table was last found as it should be, or the tags were getting on; steady milliseconds. */
  private soundAt: number | undefined;
  private restored = 0;
  private trialUntil: number | undefined;
  /** A trial is over: nothing is hidden, and nothing is to be put back. */
  private isShown = false;
  private isStopping = false;
  /** Changes of the table and the tags wait for one another; knocks do not wait for them. */
  private working: Promise<unknown> = Promise.resolve();
  /** Changes that wait for their turn. */
  private waiting = 0;
  /** Set while `followKnown` waits for its turn. */
  private following: Promise<void> | undefined;

  constructor(parts: GateParts, loaded: LoadedGate) {
    this.parts = parts;
    this.loaded = loaded;
    this.arming = new Arming(parts);
    this.door = new Door(parts, '', doorSettingsOf(loaded));
    this.opened = new OpenedTags(parts.firewall);
    this.tags = new KernelTags(parts, this.pauses(), loaded);
    this.sequences = new SequenceRotation(parts.clock, parts.firewall, parts.crypto, loaded);
    this.pipeline = new Pipeline({
      ...parts,
      door: this.door,
      current: () => ({ loaded: this.loaded, tags: this.tags.index }),
      accepted: (client, { earlier }) => void this.tags.burn(client, earlier),
      proved: (client, address) => {
        if (this.tags.learn(client, address)) void this.followKnown().catch(() => {});
      },
      isStillUnused: (packet, issued) => this.isStillUnused(packet, issued),
    });
  }

  get config(): LoadedGate['config'] {
    return this.loaded.config;
  }

  /** See `LoadedGate`. */
  get previousKeyUntil(): number | undefined {
    return this.loaded.previousKeyUntil;
  }

  get state(): GateState {
    const { armedAt, restored } = this;
    const { leadSeconds } = this.tags.rotation;
    const capturing = this.doors().every(({ deafSince }) => deafSince === undefined);
    const isDegraded = this.doors().some(({ replay }) => replay.degraded);
    const left = this.trialUntil === undefined ? undefined : this.trialUntil - this.parts.clock.uptime();
    const trialLeft = left === undefined ? undefined : Math.max(0, Math.floor(left));
    return { armedAt, capturing, restored, trialLeft, leadSeconds, state: isDegraded ? 'degraded' : 'durable' };
  }

  /**
   * Listens, then hides the ports: a gate that could not hear a knock is never armed, nor one whose trial is over.
   * @throws Problem when it cannot work here
   */
  async start(): Promise<void> {
    const { firewall, audit, clock, reported } = this.parts;
    await this.door.listen({
      packet: (packet) => {
        this.opened.note(packet);
        if (packet.isOpened) this.parts.lastHeard.hearing(clock.wall());
        void this.pipeline.handle(packet);
      },
      reported: (prefix, source) => reported(prefix, source, this.loaded),
    });
    this.listens = true;
    try {
      const trialUntil = this.parts.trial();
      if (this.trialIsOver(trialUntil)) {
        this.trialUntil = trialUntil;
        await this.exclusively(() => this.disarm());
        return;
      }
      const { adoptedFlows, deafened, usedSequencesKnown, usedTagsKnown } = await this.exclusively(() =>
        this.arm(this.loaded, trialUntil),
      );
      if (!usedTagsKnown) await this.forgetUsed();
      else this.tags.rotation.distrustUpTo((await firewall.unknownUpTo()) ?? 0);
      const unheard = usedTagsKnown ? await this.tags.openedUnheard() : [];
      await this.exclusively(() => this.tags.rotation.fill());
      for (const seen of unheard) this.tags.tellUnheard(seen);
      await this.exclusively(() => this.sequences.fill(usedSequencesKnown));
      this.armedAt = clock.wall();
      this.soundAt = clock.steady();
      audit({ event: 'armed', detail: `${adoptedFlows} established flows adopted` });
      this.warnOf(deafened);
    } catch (error) {
      // What was started would outlive this process, and keep the next one from hearing.
      await this.door.stopListening();
      await firewall.close();
      throw error;
    }
  }

  /** Whether the clockwork runs and knocks are heard, give or take some time: what a watchdog should ask before it is fed. */
  isSound(withinMs: number): boolean {
    const isRecent = (then: number): boolean => this.parts.clock.steady() - then < withinMs;
    const { deafSince } = this.door;
    return this.soundAt !== undefined && isRecent(this.soundAt) && (deafSince === undefined || isRecent(deafSince));
  }

  /** To be called every second: a trial ends on time, and tags follow the clock. */
  async second(): Promise<void> {
    // In most seconds there is nothing to do, and to find that out is most of what an idle gate does.
    if (!(this.tags.rotation.isDue() || this.sequences.isDue() || this.trialIsOver(this.trialUntil))) return;
    try {
      await this.exclusively(async () => {
        if (this.armedAt !== undefined && this.trialIsOver(this.trialUntil)) await this.disarm();
        if (this.isShown) return;
        const by = await this.tags.rotation.tick();
        await this.sequences.tick();
        if (by === 0) return;
        for (const door of this.doors()) door.clockWasSet(by);
        if (by < 0) {
          this.tags.forget();
          await this.tags.follow(this.loaded, true);
        }
        this.parts.audit({ event: 'clock-set', skew_ms: by, detail: 'all tags made again' });
      });
    } catch {
      // A table that is gone, most likely; whatever it is, the heartbeat finds and names it, and the next tick fills the gap.
      await this.heartbeat();
    }
  }

  /** To be called every few seconds: what somebody flushed or changed is put back. */
  async heartbeat(): Promise<void> {
    if (!this.isStopping) for (const door of this.doors()) door.heartbeat();
    await this.tellHearing();
    if (!this.isStopping && this.tags.expire()) await this.followKnown().catch(() => {});
    await this.exclusively(async () => {
      // SIGTERM also ends our nft and tcpdump. While the gate stops, that is not a lost table: do not restore it.
      if (this.isStopping) return;
      const { firewall, clock, audit } = this.parts;
      const found = this.armedAt === undefined ? 'intact' : await firewall.heartbeat();
      this.soundAt = clock.steady();
      // What the kernel takes away at the end of a trial is not put back.
      if (found === 'intact' || this.trialIsOver(this.trialUntil)) return;
      const noticed = clock.steady();
      audit({ event: 'firewall-lost', detail: found === 'gone' ? 'the table was flushed' : 'the table was changed' });
      const restored = await firewall.restore();
      if (!restored.usedTagsKnown) await this.forgetUsed();
      await this.tags.rotation.fill();
      await this.sequences.fill(restored.usedSequencesKnown);
      this.restored += 1;
      const seconds = (clock.steady() - noticed) / 1000;
      audit({ event: 'firewall-restored', seconds, detail: restoredDetail(restored) });
    });
  }

  /**
   * Swaps the configuration; live grants and spent tags stay. What fails leaves the old one in force.
   * @throws Problem `restart-needed` when it would have knocks heard in another way; `starting` when none are heard yet: it might
   * never come to that, with the ports hidden
   */
  async reload(loaded: LoadedGate): Promise<void> {
    if (!this.listens) throw starting();
    this.door.expectSameCapture({ hearing: hearing(loaded) });
    await this.exclusively(async () => {
      const { audit, clock } = this.parts;
      const trialUntil = this.parts.trial();
      const armed = this.trialIsOver(trialUntil) ? undefined : await this.arm(loaded, trialUntil);
      this.trialUntil = trialUntil;
      if (armed === undefined) await this.disarm();
      else {
        this.warnOf(armed.deafened);
        this.armedAt ??= clock.wall();
        this.isShown = false;
      }
      await this.door.adopt(doorSettingsOf(loaded));
      this.loaded = loaded;
      if (armed !== undefined) {
        if (!armed.usedTagsKnown) await this.forgetUsed();
        await this.tags.follow(loaded, armed.tagsKept);
        await this.sequences.swap(loaded, armed.usedSequencesKnown);
      }
      audit({ event: 'reloaded', detail: `clients: ${loaded.config.clients.length}` });
    });
  }

  /**
   * Ends the trial: the ports stay hidden. Does nothing where there is no trial.
   * @throws Problem `trial-over`; `starting` when it has not begun yet, after a restart in the middle of a trial
   */
  async confirm(): Promise<void> {
    await this.exclusively(async () => {
      if (this.isShown || this.trialIsOver(this.trialUntil)) throw trialOver();
      if (this.armedAt === undefined) throw starting();
      if (this.trialUntil === undefined) return;
      const { usedSequencesKnown } = await this.arm(this.loaded, undefined);
      await this.sequences.fill(usedSequencesKnown);
      this.parts.audit({ event: 'confirmed' });
    });
  }

  /** Lets go of everything; the gate stays closed, and live grants end by themselves. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.door.stopListening();
    await this.working;
    // The tags stay: the kernel goes on to open for clients at known addresses.
    this.parts.lastHeard.stop(this.parts.clock.wall());
    await this.parts.firewall.close();
    await this.door.close();
    const hidden = 'ports stay hidden; live grants end by themselves';
    this.parts.audit({ event: 'stopped', detail: this.armedAt === undefined ? 'nothing was hidden' : hidden });
  }

  /** Hides the ports, for good or until the trial's end, in seconds of the boot clock. */
  private async arm({ config }: LoadedGate, trialUntil: number | undefined): Promise<Armed> {
    const armed = await this.arming.arm(config, trialUntil);
    this.trialUntil = trialUntil;
    return armed;
  }

  /** The kernel counts whole seconds: it has let go within the last one. */
  private trialIsOver(trialUntil: number | undefined): boolean {
    return trialUntil !== undefined && trialUntil - this.parts.clock.uptime() < 1;
  }

  private async disarm(): Promise<void> {
    await this.parts.firewall.disarm();
    this.armedAt = undefined;
    this.isShown = true;
    this.soundAt = this.parts.clock.steady();
    this.parts.audit({ event: 'trial-over', detail: 'nobody confirmed it: the ports are shown again' });
  }

  private warnOf(deafened: readonly number[]): void {
    if (deafened.length === 0) return;
    const detail = `a program listens on UDP ${deafened.join(', ')}, and hears nothing: a knock port drops everything`;
    this.parts.audit({ event: 'knock-port-taken', detail });
  }

  /** Tags of thousands of clients take longer than a watchdog waits: a gate that gets on with them does not hang. */
  private pauses(): Pauses {
    const gotOn = <T>(pause: T): T => {
      this.soundAt = this.parts.clock.steady();
      return pause;
    };
    const [briefly, atLeisure] = [() => gotOn(immediate<void>()), () => gotOn(timeout<void>(10))];
    return { turn: () => immediate(), briefly, atLeisure, areOthersWaiting: () => this.waiting > 0 };
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.waiting += 1;
    const result = this.working.then(() => {
      this.waiting -= 1;
      return work();
    });
    this.working = result.catch(() => {});
    return result;
  }

  /** The kernel lost its record of used tags: what was made before this moment may have been used. */
  private async forgetUsed(): Promise<void> {
    const { rotation } = this.tags;
    rotation.distrust();
    const { clock, firewall } = this.parts;
    this.door.replay.refuseBefore(clock.wall());
    const { epoch, seconds } = rotation.unknown;
    await firewall.noteUnknown(epoch, seconds);
  }

  /** Follows what is known of clients: once for all that is learnt before it begins. */
  private followKnown(): Promise<void> {
    this.following ??= this.exclusively(async () => {
      this.following = undefined;
      if (!this.isShown && !this.isStopping) await this.tags.follow(this.loaded, true);
    });
    return this.following;
  }

  private async isStillUnused(packet: Packet, issued: IssuedTags): Promise<boolean> {
    const mayBeOpened = this.tags.rotation.mayHaveOpened(issued);
    const isUnused = await this.opened.isStillUnused(packet, issued, mayBeOpened);
    // To the next daemon, a tag that this one has claimed looks like one to which the kernel has opened.
    if (mayBeOpened) this.parts.lastHeard.hearing(this.parts.clock.wall());
    return isUnused;
  }

  /** Tells the kernel, and the next daemon, that packets are heard. */
  private async tellHearing(): Promise<void> {
    if (this.isStopping || this.armedAt === undefined || this.door.deafSince !== undefined) return;
    this.parts.lastHeard.hearing(this.parts.clock.wall());
    if (this.loaded.config.gate.withoutDaemon === 'first') await this.parts.firewall.isHearing().catch(() => {});
  }

  private doors(): readonly Door[] {
    return [this.door, ...this.parts.otherDoors()];
  }
}
