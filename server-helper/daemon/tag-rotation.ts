import { EPOCH_SECONDS, epochAt, epochsWithin } from '../../src/spa/tags.ts';
import type { Clock } from '../clock.ts';
import type { Firewall } from '../firewall/firewall.ts';
import type { TagIndex } from '../verify/tags.ts';

/** Milliseconds by which the wall clock may part from the steady one between two looks before it counts as set. */
const JUMP = 2000;
/** Milliseconds in which the tags of an epoch that has just come into reach may be added at leisure: hardly anybody needs them yet. */
const LEISURE = 5000;

/** Lets other work go on between two slices of tags. */
export interface Pauses {
  /** For whatever waits already. */
  readonly turn: () => Promise<void>;
  /** For a moment. */
  readonly briefly: () => Promise<void>;
  /** Longer than a slice takes. */
  readonly atLeisure: () => Promise<void>;
}

/** Keeps the kernel's tags and the index at the epochs that the clock tolerance reaches. */
export class TagRotation {
  private readonly clock: Clock;
  private readonly firewall: Firewall;
  private readonly pauses: Pauses;
  private index: TagIndex;
  private toleranceMs: number;
  private offset: number;
  /** The kernel may lack tags, because a change failed. */
  private incomplete = false;
  /** The last epoch in reach, of those whose tags were added. */
  private lastReached: number | undefined;

  constructor(clock: Clock, firewall: Firewall, index: TagIndex, toleranceMs: number, pauses: Pauses) {
    this.clock = clock;
    this.firewall = firewall;
    this.index = index;
    this.toleranceMs = toleranceMs;
    this.pauses = pauses;
    this.offset = clock.wall() - clock.steady();
  }

  /** Whether there is something to do for `tick`: this is asked every second, and the answer costs next to nothing. */
  isDue(): boolean {
    const now = this.clock.wall();
    const offset = now - this.clock.steady();
    if (this.incomplete || Math.abs(offset - this.offset) > JUMP) return true;
    // A drift slower than a jump is followed, or it would add up to one.
    this.offset = offset;
    return epochAt(now + this.toleranceMs) !== this.lastReached;
  }

  /**
   * Adds the epochs that have come into reach, forgets those that have left it.
   * @returns milliseconds by which the wall clock was found to have been set; all tags are made again then. Otherwise 0
   */
  async tick(): Promise<number> {
    const offset = this.clock.wall() - this.clock.steady();
    const by = Math.round(offset - this.offset);
    const jumped = Math.abs(by) > JUMP;
    this.offset = offset;
    if (jumped || this.incomplete) await this.fill();
    else {
      const leisureUntil = this.clock.steady() + LEISURE;
      const { briefly, atLeisure } = this.pauses;
      const pause = () => (this.clock.steady() < leisureUntil ? atLeisure() : briefly());
      await this.add(
        this.needed().filter((epoch) => !this.index.has(epoch)),
        pause,
      );
    }
    return jumped ? by : 0;
  }

  /** Puts all tags into a firewall that has none, or stale ones. */
  async fill(): Promise<void> {
    this.incomplete = true;
    await this.firewall.clearTags();
    await this.add(this.needed(), this.pauses.briefly);
  }

  /** Makes the tags of another configuration, while those in force go on being heard. Returns the index that it was given. */
  async filled(index: TagIndex): Promise<TagIndex> {
    const { briefly, turn } = this.pauses;
    for (const epoch of this.needed()) {
      const slices = index.addEpoch(epoch, briefly, turn);
      while (!(await slices.next()).done);
    }
    return index;
  }

  /**
   * Goes on with another configuration. Tags of clients that stay are left alone: a knock that comes meanwhile is heard. With another
   * tolerance all of them end at another time, and are made again.
   * @param kept whether the kernel still has the tags that it was given
   */
  async swap(index: TagIndex, toleranceMs: number, kept: boolean): Promise<void> {
    const previous = this.index;
    const isWhole = kept && toleranceMs === this.toleranceMs && !this.incomplete;
    this.index = index;
    this.toleranceMs = toleranceMs;
    if (!isWhole) return await this.fill();
    await this.add(this.needed(), this.pauses.briefly, previous);
    try {
      for (const epoch of this.needed())
        for (const slice of previous.unspent(epoch, index)) await this.firewall.removeTags(slice);
    } catch {
      // One was missing there: somebody has changed the table.
      await this.fill();
    }
  }

  /** @param there whose tags the kernel has already */
  private async add(epochs: readonly number[], pause: () => Promise<void>, there?: TagIndex): Promise<void> {
    this.index.keepOnly(this.needed());
    this.incomplete = epochs.length > 0;
    this.lastReached = epochAt(this.clock.wall() + this.toleranceMs);
    for (const epoch of epochs) {
      const slices = this.index.has(epoch)
        ? this.index.unspent(epoch, there)
        : this.index.addEpoch(epoch, pause, this.pauses.turn);
      for await (const slice of slices) {
        const remaining = (epoch + 1) * EPOCH_SECONDS * 1000 + this.toleranceMs - this.clock.wall();
        if (remaining > 0) await this.firewall.addTags(slice, Math.ceil(remaining / 1000));
      }
      await pause();
    }
    this.incomplete = false;
  }

  /** The present epoch first: that is the one somebody may be knocking with. */
  private needed(): number[] {
    const now = this.clock.wall();
    const present = epochAt(now);
    return epochsWithin(now, this.toleranceMs).sort((a, b) => Math.abs(a - present) - Math.abs(b - present));
  }
}
