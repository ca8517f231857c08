import { BOUND_SLOTS, EPOCH_SECONDS } from '../../src/spa/tags.ts';

/** Kernel memory of an element of the map of tags, in bytes; measured with 200,000 of them. */
const TAG_BYTES = 136;
/** Known addresses of a client in both families, at most. */
const MOST_ADDRESSES = 6;

/** How many tags there are to be. */
export interface TagNeeds {
  readonly clients: number;
  /** Known addresses of each client, for those that have any. */
  readonly addresses: readonly number[];
  /** Ordinary tags of a client and epoch. */
  readonly slots: number;
  /** Epochs that the clock tolerance reaches. */
  readonly near: number;
  /** Seconds for which the kernel should do without a daemon. */
  readonly leadSeconds: number;
  /** Whether the kernel opens to ordinary tags. */
  readonly isOrdinaryAhead: boolean;
  readonly memoryBytes: number;
}

/** How many tags the kernel gets. */
export interface TagBudget {
  /** Epochs beyond those that the clock tolerance reaches. */
  readonly ahead: number;
  /** Slots of address-bound tags; of ordinary ones in epochs ahead, as many. */
  readonly boundSlots: number;
  /** Known addresses of a client, the last used ones. */
  readonly addresses: number;
}

/**
 * Fits the tags into memory. Where not everything does, the time ahead shrinks first, then slots, then addresses; ordinary tags of the
 * present are there in any case, since without them nobody gets in.
 */
export function tagBudget(needs: TagNeeds): TagBudget {
  const { clients, slots, near, memoryBytes, leadSeconds, isOrdinaryAhead } = needs;
  const room = Math.floor(memoryBytes / TAG_BYTES) - clients * slots * near;
  const wanted = Math.ceil(leadSeconds / EPOCH_SECONDS);
  for (let addresses = MOST_ADDRESSES; addresses > 0; addresses--) {
    const places = needs.addresses.reduce((sum, count) => sum + Math.min(count, addresses), 0);
    for (let boundSlots = BOUND_SLOTS; boundSlots >= 1; boundSlots /= 2) {
      const perEpoch = places * boundSlots;
      const perEpochAhead = perEpoch + (isOrdinaryAhead ? clients * boundSlots : 0);
      const left = room - perEpoch * near;
      const ahead = perEpochAhead === 0 ? wanted : Math.min(wanted, Math.floor(left / perEpochAhead));
      if (left >= 0 && (ahead > 0 || boundSlots === 1)) return { ahead: Math.max(0, ahead), boundSlots, addresses };
    }
  }
  return { ahead: 0, boundSlots: 0, addresses: 0 };
}
