import { isDeepStrictEqual } from 'node:util';
import { EPOCH_SECONDS, epochAt } from '../../src/spa/tags.ts';
import type { Clock } from '../clock.ts';
import type { Firewall, LoadedTags } from '../firewall/firewall.ts';
import { hexOf, isDaemonOnly } from '../firewall/tag-marks.ts';
import { type InSlices, inSlices } from '../in-slices.ts';
import type { IssuedTags, TagIndex, TagSource } from '../verify/tags.ts';
import { type EpochState, type Reach, reachAt, urgentFirst } from './epoch-reach.ts';
import { HeldTags } from './held-tags.ts';
import type { Pauses } from './pauses.ts';
import { changeOf, NO_CHANGE, type SourceChange } from './source-change.ts';
import { endOf, markOf, type TagPlan, wantedTags } from './tag-plan.ts';
import { boundAddresses } from './tag-sources.ts';

/** Milliseconds by which the wall clock may part from the steady one between two looks before it counts as set. */
const JUMP = 2000;
/** Milliseconds in which the tags of an epoch that has just come into reach may be added at leisure: hardly anybody needs them yet. */
const LEISURE = 5000;
/** Tags that go to the firewall at a time. */
const SLICE = 1000;
/** Tags that go to the firewall at one moment, which takes it 50 ms; those of the present do in any case. */
const AT_ONCE = 10_000;
/** Tags after which making them lets other work go on: a knock that comes meanwhile waits about a millisecond. */
const TURN = 400;
/** A tag with less left than this is not taken back: the kernel may have forgotten it already. Seconds. */
const ABOUT_TO_END = 3;

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
  private readonly held = new HeldTags();
  private readonly sourcesById: Map<string, TagSource>;
  private offset: number;
  /** The kernel may lack tags, because a change failed. */
  private incomplete = false;
  /** The last epoch in reach, of those whose tags were added. */
  private lastReached = 0;
  /** The last epoch of which the kernel was given tags that it may have opened to. */
  private lastGiven = 0;
  /** The last epoch in whose time the kernel opens by itself. */
  private opensUntil = 0;
  /** The last epoch of which the kernel was given ordinary tags to open to. */
  private lastOrdinary = 0;
  /** Up to this epoch the kernel does not know which tags were used. */
  private distrusted = 0;

  constructor(clock: Clock, firewall: Firewall, index: TagIndex, pauses: Pauses, plan: TagPlan) {
    this.clock = clock;
    this.firewall = firewall;
    this.index = index;
    this.pauses = pauses;
    this.plan = plan;
    this.sourcesById = new Map(plan.sources.map((source) => [source.id, source]));
    this.offset = clock.wall() - clock.steady();
    this.reach = reachAt(clock.wall(), plan.toleranceMs, plan.budget.ahead);
  }

  /** Seconds for which known clients get in without a daemon. */
  get leadSeconds(): number {
    const { budget, sources } = this.plan;
    return sources.some(({ mark }) => !isDaemonOnly(mark)) ? budget.ahead * EPOCH_SECONDS : 0;
  }

  /** Whether the kernel may have opened to ordinary tags of an epoch, also where it leaves them to the daemon by now. */
  mayHaveOpened({ epoch }: IssuedTags): boolean {
    return epoch <= this.lastOrdinary;
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
      const { briefly, atLeisure, areOthersWaiting } = this.pauses;
      const pause = (): Promise<void> => (this.clock.steady() < leisureUntil ? atLeisure() : briefly());
      // Nobody needs these tags yet. A client that was just enrolled needs its own, and the next tick goes on.
      await this.follow(pause, areOthersWaiting);
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
    this.opensUntil = 0;
    await this.openUntilLast();
    await this.firewall.replaceTags(await this.make(this.urgent()), boundAddresses(this.plan.sources));
    await this.follow(this.pauses.briefly);
  }

  /** Goes on with another plan. @param kept whether the kernel still has the tags that it was given */
  async swap(plan: TagPlan, kept: boolean): Promise<void> {
    const before = this.plan;
    const isWhole = kept && plan.toleranceMs === before.toleranceMs && !this.incomplete;
    this.plan = plan;
    const change = changeOf(before.sources, plan.sources);
    for (const { id } of change.gone) this.sourcesById.delete(id);
    for (const source of change.sources) this.sourcesById.set(source.id, source);
    if (!isWhole) return await this.fill();
    const isAlike = isDeepStrictEqual({ ...plan, sources: before.sources }, before);
    if (!isAlike) this.complete.clear();
    try {
      await this.firewall.addAddresses(change.newAddresses);
      await (isAlike ? this.followChange(change) : this.follow(this.pauses.briefly));
      await this.firewall.removeAddresses(change.goneAddresses);
    } catch {
      // One was missing there: somebody has changed the table.
      await this.fill();
    }
  }

  /** Takes tags back that somebody may have seen. What cannot be taken back is used up in the index. */
  async burn(tags: readonly Uint8Array[], client: Uint8Array): Promise<void> {
    const burnt: LoadedTags[] = [];
    for (const tag of tags) {
      // Only its own: a client says what it has sent.
      const issued = this.index.find(tag);
      if (this.index.holderOf(tag) === undefined) this.index.useWhenMade(tag, client);
      if (issued === undefined || Buffer.compare(issued.source.client.pair.clientPublic, client) !== 0) continue;
      this.index.use(tag);
      burnt.push({ tags: [hexOf(tag)], mark: markOf(issued), seconds: this.secondsLeft(issued) });
    }
    await this.firewall.burnTags(burnt);
  }

  /**
   * Brings the kernel to what the plan asks for at the present time.
   * @param mayStop whether to leave the rest to the next tick
   */
  private async follow(pause: () => Promise<void>, mayStop = () => false): Promise<void> {
    const due = await this.begin(NO_CHANGE);
    const isDone = await this.give(this.missing(this.plan.sources, due), pause, mayStop);
    if (isDone) {
      for (const epoch of due) this.complete.set(epoch, this.stateOf(epoch));
      this.lastReached = this.reach.lastNear;
    }
    this.incomplete = false;
  }

  /** Brings the kernel to a change of the plan. Epochs that have just come into reach are left to the next tick. */
  private async followChange(change: SourceChange): Promise<void> {
    await this.begin(change, true);
    await this.give(this.missing(change.sources, urgentFirst(this.reach)), this.pauses.briefly);
    this.incomplete = false;
  }

  /** Takes back what is not asked for; if `isBrief` not of epochs being made. @returns epochs of which the kernel may lack tags, in order */
  private async begin(change: SourceChange, isBrief = false): Promise<readonly number[]> {
    this.incomplete = true;
    this.reach = this.reachNow();
    this.index.forgetBefore(this.reach.first);
    this.held.forgetBefore(this.reach.first);
    for (const epoch of this.complete.keys()) if (!this.isInReach(epoch)) this.complete.delete(epoch);
    await this.openUntilLast();
    const due = urgentFirst(this.reach).filter((epoch) => this.complete.get(epoch) !== this.stateOf(epoch));
    const superfluous = this.superfluous(new Set(isBrief ? [] : due), change);
    await this.takeBack(await inSlices(superfluous, () => this.clock.steady(), this.pauses.turn));
    return due;
  }

  private async openUntilLast(): Promise<void> {
    const { last } = this.reach;
    if (last === this.opensUntil) return;
    this.lastGiven = Math.max(this.lastGiven, last);
    await this.firewall.openUntil((last + 1) * EPOCH_SECONDS * 1000);
    this.opensUntil = last;
  }

  private isInReach(epoch: number): boolean {
    return epoch >= this.reach.first && epoch <= this.reach.last;
  }

  /** Gives the kernel tags. @returns whether all of them */
  private async give(
    missing: Iterable<IssuedTags>,
    pause: () => Promise<void>,
    mayStop = () => false,
  ): Promise<boolean> {
    let slice: IssuedTags[] = [];
    let count = 0;
    for (const issued of missing) {
      slice.push(issued);
      count += issued.count;
      if (count < SLICE) continue;
      await this.firewall.addTags(await this.make(slice));
      await pause();
      [slice, count] = [[], 0];
      if (mayStop()) return false;
    }
    await this.firewall.addTags(await this.make(slice));
    return true;
  }

  private async make(issued: readonly IssuedTags[]): Promise<LoadedTags[]> {
    const made: LoadedTags[] = [];
    let sinceTurn = 0;
    for (const each of issued) {
      const [mark, seconds] = [markOf(each), this.secondsLeft(each)];
      const tags = this.index.add(each);
      if (tags.length > 0 && seconds > 0) made.push({ tags, mark, seconds });
      this.held.add(each);
      if (each.source.kind === 'ordinary' && !each.isDaemonOnly)
        this.lastOrdinary = Math.max(this.lastOrdinary, each.epoch);
      sinceTurn += each.count;
      if (sinceTurn < TURN) continue;
      sinceTurn = 0;
      await this.pauses.turn();
    }
    return made;
  }

  private async takeBack(superfluous: readonly IssuedTags[]): Promise<void> {
    let taken: LoadedTags[] = [];
    for (const issued of superfluous) {
      const [mark, seconds] = [markOf(issued), this.secondsLeft(issued)];
      const tags = this.index.remove(issued);
      this.held.delete(issued);
      if (tags.length > 0 && seconds >= ABOUT_TO_END) taken.push({ tags, mark, seconds });
      if (taken.length * issued.count < SLICE) continue;
      await this.firewall.removeTags(taken);
      await this.pauses.briefly();
      taken = [];
    }
    await this.firewall.removeTags(taken);
  }

  /** Tags that the kernel has and should not have, or should have otherwise: of the epochs that are due, and of sources that change. */
  private *superfluous(due: ReadonlySet<number>, { ids }: SourceChange): InSlices<IssuedTags[]> {
    const found: IssuedTags[] = [];
    for (const [epoch, held] of this.held.entries()) {
      // The budget may have shrunk, and with it the reach.
      const isWhole = due.has(epoch) || !this.isInReach(epoch);
      for (const id of isWhole ? held.keys() : ids) {
        const issued = held.get(id);
        if (issued !== undefined && !this.isStillWanted(issued)) found.push(issued);
        yield;
      }
    }
    return found;
  }

  private isStillWanted(issued: IssuedTags): boolean {
    const source = this.sourcesById.get(issued.source.id);
    if (source === undefined || !this.isInReach(issued.epoch)) return false;
    const wanted = this.wanted(source, issued.epoch);
    if (wanted?.isDaemonOnly !== issued.isDaemonOnly || wanted.count !== issued.count) return false;
    // A tag keeps the end with which the kernel was given it.
    if (endOf(this.plan, wanted) !== endOf(this.plan, issued)) return false;
    // What the client may do is read anew, though its tags stay.
    issued.source = source;
    return true;
  }

  /** Tags of sources in epochs that the kernel should have and does not have. */
  private *missing(sources: readonly TagSource[], epochs: readonly number[]): Generator<IssuedTags> {
    for (const epoch of epochs)
      for (const source of sources) {
        const wanted = this.held.has(epoch, source) ? undefined : this.wanted(source, epoch);
        if (wanted !== undefined) yield wanted;
      }
  }

  /** Tags to which the kernel opens: those of the present, and as many of the others as can be made at one moment. */
  private urgent(): IssuedTags[] {
    const urgent: IssuedTags[] = [];
    const bound = this.plan.sources.filter(({ kind }) => kind === 'bound');
    let room = AT_ONCE;
    for (const epoch of urgentFirst(this.reach))
      for (const source of bound) {
        if (room < 0 && this.stateOf(epoch) !== 'near') return urgent;
        const wanted = this.wanted(source, epoch);
        if (wanted === undefined) continue;
        room -= wanted.count;
        if (room >= 0 || this.stateOf(epoch) === 'near') urgent.push(wanted);
      }
    return urgent;
  }

  private wanted(source: TagSource, epoch: number): IssuedTags | undefined {
    return wantedTags(this.plan, source, epoch, this.stateOf(epoch), this.distrusted);
  }

  private secondsLeft(issued: IssuedTags): number {
    return Math.ceil((endOf(this.plan, issued) - this.clock.wall()) / 1000);
  }

  private reachNow(): Reach {
    return reachAt(this.clock.wall(), this.plan.toleranceMs, this.plan.budget.ahead);
  }

  private stateOf(epoch: number): EpochState {
    return epoch <= this.reach.lastNear ? 'near' : 'ahead';
  }
}
