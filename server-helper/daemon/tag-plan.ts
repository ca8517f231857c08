import { EPOCH_SECONDS } from '../../src/spa/tags.ts';
import { daemonOnly, isDaemonOnly } from '../firewall/tag-marks.ts';
import type { IssuedTags, TagSource } from '../verify/tags.ts';
import type { EpochState } from './epoch-reach.ts';
import type { TagBudget } from './tag-budget.ts';

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
 * The tags that a source should have in an epoch.
 * @param distrusted up to this epoch the kernel does not know which tags were used
 */
export function wantedTags(
  { budget, slots, isOrdinaryAhead }: TagPlan,
  source: TagSource,
  epoch: number,
  state: EpochState,
  distrusted: number,
): IssuedTags | undefined {
  const { notBefore = 0, notAfter = Infinity, enabled } = source.client.policy;
  const isNear = state === 'near';
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
    isDaemonOnly: isDaemonOnly(source.mark) || isOutOfForce || epoch <= distrusted,
  };
}

/** When the kernel is to forget tags; unix milliseconds. */
export function endOf({ toleranceMs }: TagPlan, { epoch, source, isDaemonOnly: byDaemon }: IssuedTags): number {
  const end = (epoch + 1) * EPOCH_SECONDS * 1000 + toleranceMs;
  // To a client whose time is over the kernel does not open; the daemon refuses it, and says why.
  return byDaemon ? end : Math.min(end, source.client.policy.notAfter ?? end);
}

/** Mark of tags in the kernel. */
export function markOf({ source, isDaemonOnly: byDaemon }: IssuedTags): number {
  return byDaemon ? daemonOnly(source.mark) : source.mark;
}
