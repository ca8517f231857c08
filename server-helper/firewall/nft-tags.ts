import { reasonOf } from '../problems.ts';
import type { BoundAddress, FirewallPlan, LoadedTags, SeenTag, TagClaim } from './firewall.ts';
import { readSeenTags, readUnknown } from './kernel-state.ts';
import { type NftEvents, NftSession } from './nft-session.ts';
import { HEARING_SETS, renderGuard } from './spa-rules.ts';
import { TABLE } from './table-name.ts';
import {
  renderAddAddresses,
  renderAddTags,
  renderBurntTags,
  renderClaim,
  renderHearing,
  renderMark,
  renderNoTags,
  renderRemoveAddresses,
  renderRemoveTags,
  renderSpared,
  renderUnknown,
} from './tag-elements.ts';

/** The tags of the kernel's table, and what the kernel is told beside them; through a session of nft of their own. */
export abstract class NftTags {
  protected plan: FirewallPlan | undefined;
  protected readonly tags: NftSession;
  /** Of the table as it was armed (`table-mark.ts`). */
  protected mark = '';
  /** The one of the two sets that was renewed last. */
  private hearingTurn = 0;

  /** @param script a file of its own, through which it hands tags to nft */
  constructor(events: NftEvents, script: string) {
    this.tags = new NftSession(events, { script });
  }

  async addTags(tags: readonly LoadedTags[]): Promise<void> {
    if (tags.length > 0) await this.run(renderAddTags(tags));
  }

  async replaceTags(tags: readonly LoadedTags[], addresses: readonly BoundAddress[]): Promise<void> {
    // One line, one transaction: at no moment is an address that is known unknown.
    const commands = [renderNoTags(), renderMark(this.mark), ...this.addressCommands(addresses, true)];
    if (tags.length > 0) commands.push(renderAddTags(tags));
    await this.run(commands.join('; '));
  }

  async removeTags(tags: readonly LoadedTags[]): Promise<void> {
    if (tags.length > 0) await this.run(renderRemoveTags(tags));
  }

  async burnTags(tags: readonly LoadedTags[]): Promise<void> {
    if (tags.length > 0) await this.run(renderBurntTags(tags));
  }

  async claimTag(tag: Uint8Array): Promise<TagClaim> {
    try {
      await this.tags.run(renderClaim(tag));
      return 'claimed';
    } catch (error) {
      // The words for EEXIST and ENFILE. The kernel looks for the element before it looks for room.
      const reason = reasonOf(error);
      if (reason.includes('File exists')) return 'opened';
      if (reason.includes('Too many open files in system')) return 'full';
      return this.failed(error);
    }
  }

  async addAddresses(addresses: readonly BoundAddress[]): Promise<void> {
    for (const command of this.addressCommands(addresses, false)) await this.run(command);
  }

  async removeAddresses(addresses: readonly BoundAddress[]): Promise<void> {
    for (const command of renderRemoveAddresses(addresses)) await this.run(command);
  }

  async openUntil(time: number): Promise<void> {
    await this.run(renderGuard(time));
  }

  async noteUnknown(epoch: number, seconds: number): Promise<void> {
    await this.run(renderUnknown(epoch, seconds));
  }

  unknownUpTo(): Promise<number | undefined> {
    return readUnknown();
  }

  async isHearing(): Promise<void> {
    this.hearingTurn = (this.hearingTurn + 1) % HEARING_SETS.length;
    const set = HEARING_SETS[this.hearingTurn];
    if (set !== undefined) await this.run(renderHearing(set));
  }

  async seenTags(): Promise<SeenTag[]> {
    return this.plan === undefined ? [] : await readSeenTags(this.plan);
  }

  /** Addresses that are removed stay spared by decoys: another client may have the same one. */
  private addressCommands(addresses: readonly BoundAddress[], isAnew: boolean): string[] {
    const spared = this.leadsStrangers ? renderSpared(addresses, this.ipv6Prefix, isAnew) : [];
    return [...renderAddAddresses(addresses), ...spared];
  }

  /** Whether the table leads strangers to decoys. */
  protected get leadsStrangers(): boolean {
    return this.plan?.decoys !== undefined;
  }

  /** First bits of an IPv6 address that count as one host. */
  protected get ipv6Prefix(): number {
    return this.plan?.ipv6Prefix ?? 128;
  }

  /**
   * Whether nobody has flushed the tags: without them the gate is deaf. Replaces the mark, which fails where it is missing.
   * Merely asking costs more: `get element` has nft read every element of every set, and a check that changes nothing (`-c`) keeps
   * grants waiting for some 30 ms while the kernel takes it back.
   */
  protected hasTags(mark = this.mark): Promise<boolean> {
    return this.tags.run(`delete element ${TABLE} tags { ${mark} }; ${renderMark(mark)}`).then(
      () => true,
      () => false,
    );
  }

  /** Changes tags. Where that fails, most likely the table is gone. */
  protected async run(command: string): Promise<void> {
    await this.tags.run(command).catch((error: unknown) => this.failed(error));
  }

  protected failed(error: unknown): never {
    this.doubt();
    throw error;
  }

  /** Called when something failed that works as long as the table is there. */
  protected abstract doubt(): void;
}
