import { EPOCH_SECONDS, epochAt } from '../../src/spa/tags.ts';
import type { Clock } from '../clock.ts';
import type { Firewall, LoadedTag } from '../firewall/firewall.ts';
import { daemonOnly, isDaemonOnly } from '../firewall/tag-marks.ts';
import type { IssuedTags, TagIndex, TagSource } from '../verify/tags.ts';
import { type EpochState, type Reach, reachAt } from './epoch-reach.ts';
import type { TagBudget } from './tag-budget.ts';
import { boundAddresses, without } from './tag-sources.ts';

/** Milliseconds by which the wall clock may part from the steady one between two looks before it counts as set. */
const JUMP = 2000;
/** Milliseconds in which the tags of an epoch that has just come into reach may be added at leisure: hardly anybody needs them yet. */
const LEISURE = 5000;
/** Tags that go to the firewall at a time. */
const SLICE = 250;
/** Tags that go to the firewall at one moment, which takes it 50 ms; those of the present do in any case. */
const AT_ONCE = 10_000;
/** Tags after which making them lets other work go on: a knock that comes meanwhile waits about a millisecond. */
const TURN = 400;
/** A tag with less left than this is not taken back: the kernel may have forgotten it already. Seconds. */
const ABOUT_TO_END = 3;

/** Lets other work go on between two slices of tags. */
export interface Pauses {
  /** For whatever waits already. */
  readonly turn: () => Promise<void>;
  /** For a moment. */
  readonly briefly: () => Promise<void>;
  /** Longer than a slice takes. */
  readonly atLeisure: () => Promise<void>;
}

/** Tags that the kernel is to hold. */
export interface TagPlan {
  readonly toleranceMs: number;
  /** Ordinary tags of a client and epoch. */
  readonly slots: number;
  readonly budget: TagBudget;
  /** Whether the kernel opens to ordinary tags, so that it needs some of them ahead. */
  readonly isOrdinaryAhead: boolean;
  readonly sources: readonly TagSource[];
}

/**
 * Keeps the kernel's tags and the index at what the plan and the clock ask for: of every epoch that the clock tolerance reaches all
 * tags, and of the epochs ahead those that the kernel opens to. Whatever changes, only tags that differ are touched.
 */
export class TagRotation {
  private readonly clock: Clock;
  private readonly firewall: Firewall;
  private readonly index: TagIndex;
  private readonly pauses: Pauses;
  private plan: TagPlan;
  private reach: Reach;
  /** Epochs of which the kernel has all tags, and which state they were given for. */
  private readonly complete = new Map<number, EpochState>();
  /** Tags that the kernel was given, by source and epoch. */
  private readonly held = new Map<string, Map<number, IssuedTags>>();
  private offset: number;
  /** The kernel may lack tags, because a change failed. */
  private incomplete = false;
  /** The last epoch in reach, of those whose tags were added. */
  private lastReached = 0;
  /** The last epoch of which the kernel was given tags that it may have opened to. */
  private lastGiven = 0;
  /** Up to this epoch the kernel does not know which tags were used. */
  private distrusted = 0;

  constructor(clock: Clock, firewall: Firewall, index: TagIndex, pauses: Pauses, plan: TagPlan) {
    this.clock = clock;
    this.firewall = firewall;
    this.index = index;
    this.pauses = pauses;
    this.plan = plan;
    this.offset = clock.wall() - clock.steady();
    this.reach = reachAt(clock.wall(), plan.toleranceMs, plan.budget.ahead);
  }

  /** Seconds for which known clients get in without a daemon. */
  get leadSeconds(): number {
    const { budget, sources } = this.plan;
    return sources.some(({ mark }) => !isDaemonOnly(mark)) ? budget.ahead * EPOCH_SECONDS : 0;
  }

  /** Whether there is something to do for `tick`: this is asked every second, and the answer costs next to nothing. */
  isDue(): boolean {
    const now = this.clock.wall();
    const offset = now - this.clock.steady();
    if (this.incomplete || Math.abs(offset - this.offset) > JUMP) return true;
    // A drift slower than a jump is followed, or it would add up to one.
    this.offset = offset;
    return epochAt(now + this.plan.toleranceMs) !== this.lastReached;
  }

  /**
   * Adds the epochs that have come into reach, forgets those that have left it.
   * @returns milliseconds by which the wall clock was found to have been set; all tags are made again then. Otherwise 0
   */
  async tick(): Promise<number> {
    const offset = this.clock.wall() - this.clock.steady();
    const by = Math.round(offset - this.offset);
    this.offset = offset;
    if (Math.abs(by) > JUMP) {
      this.distrust();
      // The kernel forgets a used tag after some time. A clock that was set back makes tags live longer than that.
      if (by < 0) this.distrustUpTo(this.lastGiven);
      await this.fill();
      return by;
    }
    if (this.incomplete) await this.fill();
    else {
      const leisureUntil = this.clock.steady() + LEISURE;
      const { briefly, atLeisure } = this.pauses;
      await this.follow(() => (this.clock.steady() < leisureUntil ? atLeisure() : briefly()));
    }
    return 0;
  }

  /** To be called when the kernel no longer knows which tags were used: to those of the present it does not open by itself. */
  distrust(): void {
    const present = epochAt(this.clock.wall() + this.plan.toleranceMs);
    this.distrustUpTo(Math.max(this.lastReached, present));
  }

  /** To be called with the epoch that an earlier daemon has noted. */
  distrustUpTo(epoch: number): void {
    this.distrusted = Math.max(this.distrusted, epoch);
  }

  /** The last epoch to whose tags the kernel does not open by itself, and the seconds until they are over. */
  get unknown(): { epoch: number; seconds: number } {
    const end = (this.distrusted + 1) * EPOCH_SECONDS * 1000 + this.plan.toleranceMs;
    return { epoch: this.distrusted, seconds: Math.max(1, Math.ceil((end - this.clock.wall()) / 1000)) };
  }

  /** Gives the kernel all tags anew. The most urgent ones come at the moment at which the others go. */
  async fill(): Promise<void> {
    this.incomplete = true;
    this.held.clear();
    this.complete.clear();
    this.index.clear();
    this.reach = this.reachNow();
    // First: while the guard is shut the kernel asks about tags to which it should open, and the daemon takes these for used ones.
    await this.openUntilLast();
    let room = AT_ONCE;
    const urgent = this.missing(this.epochs()).filter(({ source, epoch, count }) => {
      if (source.kind === 'bound') room -= count;
      return source.kind === 'bound' && (room >= 0 || this.stateOf(epoch) === 'near');
    });
    await this.firewall.replaceTags(await this.make(urgent), boundAddresses(this.plan.sources));
    await this.follow(this.pauses.briefly);
  }

  /** Goes on with another plan. @param kept whether the kernel still has the tags that it was given */
  async swap(plan: TagPlan, kept: boolean): Promise<void> {
    const before = boundAddresses(this.plan.sources);
    const isWhole = kept && plan.toleranceMs === this.plan.toleranceMs && !this.incomplete;
    this.plan = plan;
    this.complete.clear();
    if (!isWhole) return await this.fill();
    try {
      const after = boundAddresses(plan.sources);
      await this.firewall.addAddresses(without(after, before));
      await this.follow(this.pauses.briefly);
      await this.firewall.removeAddresses(without(before, after));
    } catch {
      // One was missing there: somebody has changed the table.
      await this.fill();
    }
  }

  /** Takes tags back that somebody may have seen. What cannot be taken back is used up in the index. */
  async burn(tags: readonly Uint8Array[], client: Uint8Array): Promise<void> {
    const burnt: LoadedTag[] = [];
    for (const tag of tags) {
      // Only its own: a client says what it has sent.
      const issued = this.index.find(tag);
      if (issued === undefined || Buffer.compare(issued.source.client.pair.clientPublic, client) !== 0) continue;
      this.index.use(tag);
      burnt.push({ tag, mark: markOf(issued), seconds: this.secondsLeft(issued) });
    }
    await this.firewall.burnTags(burnt);
  }

  /** Brings the kernel to what the plan asks for at the present time. */
  private async follow(pause: () => Promise<void>): Promise<void> {
    this.incomplete = true;
    this.reach = this.reachNow();
    const { first, lastNear } = this.reach;
    this.index.forgetBefore(first);
    for (const issued of this.held.values()) for (const epoch of issued.keys()) if (epoch < first) issued.delete(epoch);
    for (const epoch of this.complete.keys()) if (!this.isInReach(epoch)) this.complete.delete(epoch);
    await this.openUntilLast();
    // Most of the time, only the epochs that have just come into reach.
    const epochs = this.epochs().filter((epoch) => this.complete.get(epoch) !== this.stateOf(epoch));
    await this.takeBack(this.superfluous(new Set(epochs)));
    await this.give(this.missing(epochs), pause);
    for (const epoch of epochs) this.complete.set(epoch, this.stateOf(epoch));
    this.lastReached = lastNear;
    this.incomplete = false;
  }

  private async openUntilLast(): Promise<void> {
    const { last } = this.reach;
    this.lastGiven = Math.max(this.lastGiven, last);
    await this.firewall.openUntil((last + 1) * EPOCH_SECONDS * 1000);
  }

  private isInReach(epoch: number): boolean {
    return epoch >= this.reach.first && epoch <= this.reach.last;
  }

  private async give(missing: readonly IssuedTags[], pause: () => Promise<void>): Promise<void> {
    let slice: IssuedTags[] = [];
    let count = 0;
    for (const issued of missing) {
      slice.push(issued);
      count += issued.count;
      if (count < SLICE) continue;
      await this.firewall.addTags(await this.make(slice));
      await pause();
      [slice, count] = [[], 0];
    }
    await this.firewall.addTags(await this.make(slice));
  }

  private async make(issued: readonly IssuedTags[]): Promise<LoadedTag[]> {
    const made: LoadedTag[] = [];
    let sinceTurn = 0;
    for (const each of issued) {
      const [mark, seconds] = [markOf(each), this.secondsLeft(each)];
      for (const tag of this.index.add(each)) if (seconds > 0) made.push({ tag, mark, seconds });
      this.holding(each.source).set(each.epoch, each);
      sinceTurn += each.count;
      if (sinceTurn < TURN) continue;
      sinceTurn = 0;
      await this.pauses.turn();
    }
    return made;
  }

  private async takeBack(superfluous: readonly IssuedTags[]): Promise<void> {
    const taken: LoadedTag[] = [];
    for (const issued of superfluous) {
      const [mark, seconds] = [markOf(issued), this.secondsLeft(issued)];
      const tags = this.index.remove(issued);
      this.held.get(idOf(issued.source))?.delete(issued.epoch);
      if (seconds >= ABOUT_TO_END) taken.push(...tags.map((tag) => ({ tag, mark, seconds })));
    }
    for (const [id, issued] of this.held) if (issued.size === 0) this.held.delete(id);
    for (let i = 0; i < taken.length; i += SLICE) await this.firewall.removeTags(taken.slice(i, i + SLICE));
  }

  /** Tags of some epochs that the kernel has and should not have, or should have otherwise. */
  private superfluous(epochs: ReadonlySet<number>): IssuedTags[] {
    const sources = new Map(this.plan.sources.map((source) => [idOf(source), source]));
    const found: IssuedTags[] = [];
    for (const [id, issued] of this.held) {
      const source = sources.get(id);
      for (const each of issued.values()) {
        // What the client may do is read anew, though its tags stay.
        if (source !== undefined) each.source = source;
        // The budget may have shrunk, and with it the reach.
        const isInReach = this.isInReach(each.epoch);
        const wanted = source === undefined || !isInReach ? undefined : this.wanted(source, each.epoch);
        const isWanted = wanted?.isDaemonOnly === each.isDaemonOnly && wanted.count === each.count;
        if (!isWanted && (source === undefined || !isInReach || epochs.has(each.epoch))) found.push(each);
      }
    }
    return found;
  }

  /** Tags of some epochs that the kernel should have and does not have. */
  private missing(epochs: readonly number[]): IssuedTags[] {
    return epochs.flatMap((epoch) =>
      this.plan.sources.flatMap((source) => {
        if (this.held.get(idOf(source))?.has(epoch)) return [];
        return this.wanted(source, epoch) ?? [];
      }),
    );
  }

  /** The tags that a source should have in an epoch. */
  private wanted(source: TagSource, epoch: number): IssuedTags | undefined {
    const { budget, slots, isOrdinaryAhead } = this.plan;
    const { notBefore = 0, notAfter = Infinity, enabled } = source.client.policy;
    const isNear = this.stateOf(epoch) === 'near';
    const isAhead = !isDaemonOnly(source.mark) && (source.kind === 'bound' || isOrdinaryAhead);
    const begins = epoch * EPOCH_SECONDS * 1000;
    const isOver = begins >= notAfter;
    // A client whose time is over is told so in the log; its previous key is not heard any more.
    if (isNear ? isOver && source.client.previousPrivate !== undefined : !isAhead || isOver) return undefined;
    const count = source.kind === 'ordinary' && isNear ? slots : budget.boundSlots;
    if (count === 0) return undefined;
    const isOutOfForce = begins < notBefore || isOver || !enabled;
    return {
      source,
      epoch,
      count,
      isDaemonOnly: isDaemonOnly(source.mark) || isOutOfForce || epoch <= this.distrusted,
    };
  }

  private holding(source: TagSource): Map<number, IssuedTags> {
    const id = idOf(source);
    const held = this.held.get(id) ?? new Map<number, IssuedTags>();
    this.held.set(id, held);
    return held;
  }

  private secondsLeft({ epoch, source, isDaemonOnly: byDaemon }: IssuedTags): number {
    const end = (epoch + 1) * EPOCH_SECONDS * 1000 + this.plan.toleranceMs;
    // To a client whose time is over the kernel does not open; the daemon refuses it, and says why.
    const last = byDaemon ? end : Math.min(end, source.client.policy.notAfter ?? end);
    return Math.ceil((last - this.clock.wall()) / 1000);
  }

  private reachNow(): Reach {
    return reachAt(this.clock.wall(), this.plan.toleranceMs, this.plan.budget.ahead);
  }

  private stateOf(epoch: number): EpochState {
    return epoch <= this.reach.lastNear ? 'near' : 'ahead';
  }

  /** The present epoch first: that is the one somebody may be knocking with. */
  private epochs(): number[] {
    const { first, last, present } = this.reach;
    const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return all.sort((a, b) => Math.abs(a - present) - Math.abs(b - present));
  }
}

function markOf({ source, isDaemonOnly: byDaemon }: IssuedTags): number {
  return byDaemon ? daemonOnly(source.mark) : source.mark;
}

/** Sources with the same tags and the same mark. */
function idOf({ key, mark }: TagSource): string {
  return `${Buffer.from(key).toString('latin1')} ${mark}`;
}
