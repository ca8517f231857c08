import { setTimeout as timeout } from 'node:timers/promises';
import { type Address, sameBytes } from '../../src/base/addresses.ts';
import { TAG_LENGTH } from '../../src/spa/tags.ts';
import type { Packet } from '../capture/packet.ts';
import type { Firewall } from '../firewall/firewall.ts';
import { hexOf } from '../firewall/tag-marks.ts';
import { type IssuedTags, keyOf } from '../verify/tags.ts';
import { markOf } from './tag-plan.ts';

/** Openings that are remembered: those of some seconds, with which a grant of the daemon could coincide. */
const MOST = 1000;
/** Milliseconds in which the kernel has dealt with a packet whose tag it has found. */
const IN_THE_RULES = 1;
/** Milliseconds between two looks whether a packet has come, and how many there are: it has come from the kernel by then. */
const LOOK = 5;
const LOOKS = 40;

/**
 * Keeps kernel and daemon from opening to the same tag for two addresses. Only with `without_daemon = "first"` can that happen: an
 * ordinary tag to which the kernel opens while it believes that no daemon hears.
 */
export class OpenedTags {
  private readonly firewall: Pick<Firewall, 'burnTags' | 'claimTag'>;
  private readonly sources = new Map<string, Address>();

  constructor(firewall: Pick<Firewall, 'burnTags' | 'claimTag'>) {
    this.firewall = firewall;
  }

  /** To be called for every packet that is heard. */
  note({ isOpened, datagram, source }: Packet): void {
    if (isOpened !== true) return;
    const key = keyOf(datagram);
    if (!this.sources.has(key)) this.sources.set(key, source);
    for (const oldest of this.sources.keys()) {
      if (this.sources.size <= MOST) break;
      this.sources.delete(oldest);
    }
  }

  /**
   * Notes the tag as used in the kernel. False where the kernel has opened to it for another address, or where that fails.
   * @param mayBeOpened whether the kernel was ever given the tag to open to it: it may leave the tag to the daemon by now
   */
  async isStillUnused(
    { datagram, source, isOpened }: Packet,
    issued: IssuedTags,
    mayBeOpened: boolean,
  ): Promise<boolean> {
    if (isOpened === true || issued.source.kind === 'bound') return true;
    const opened = this.sources.get(keyOf(datagram));
    if (opened !== undefined) return sameBytes(opened, source);
    // Most gates never have the kernel open to ordinary tags: their knocks need not wait for it.
    if (!mayBeOpened) return true;
    const tag = datagram.subarray(0, TAG_LENGTH);
    try {
      let claim = await this.firewall.claimTag(tag);
      if (claim === 'full') {
        // Without the tag the kernel opens to no packet that comes from now on.
        await this.firewall.burnTags([{ tags: [hexOf(tag)], mark: markOf(issued), seconds: 1 }]);
        await timeout(IN_THE_RULES);
        claim = await this.firewall.claimTag(tag);
      }
      return claim !== 'opened' || (await this.wasOpenedFor(keyOf(datagram), source));
    } catch {
      return false;
    }
  }

  /** For whom the kernel has opened, tells a packet that may still be on its way. One that never comes was somebody else's. */
  private async wasOpenedFor(key: string, source: Address): Promise<boolean> {
    for (let looks = 0; looks < LOOKS && !this.sources.has(key); looks += 1) await timeout(LOOK);
    const opened = this.sources.get(key);
    return opened !== undefined && sameBytes(opened, source);
  }
}
