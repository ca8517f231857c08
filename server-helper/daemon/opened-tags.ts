import { setImmediate as immediate, setTimeout as timeout } from 'node:timers/promises';
import { sameBytes } from '../../src/base/addresses.ts';
import { TAG_LENGTH } from '../../src/spa/tags.ts';
import type { Packet } from '../capture/packet.ts';
import type { Firewall } from '../firewall/firewall.ts';
import { type IssuedTags, keyOf } from '../verify/tags.ts';

/** Openings that are remembered: those of some seconds, with which a grant of the daemon could coincide. */
const MOST = 1000;
/** Milliseconds that a packet takes from the kernel to tcpdump's pipe. */
const ON_ITS_WAY = 1;

/**
 * Keeps kernel and daemon from opening to the same tag for two addresses. Only with `without_daemon = "first"` can that happen: an
 * ordinary tag to which the kernel opens while it believes that no daemon hears.
 */
export class OpenedTags {
  private readonly firewall: Pick<Firewall, 'burnTags'>;
  private readonly sources = new Map<string, Uint8Array>();

  constructor(firewall: Pick<Firewall, 'burnTags'>) {
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

  /** Takes the tag from the kernel, and then hears whether it has opened to it for another address. False where that fails. */
  async isStillUnused({ datagram, source, isOpened }: Packet, issued: IssuedTags): Promise<boolean> {
    const { kind, mark } = issued.source;
    // To what the daemon alone decides, the kernel has another mark, and it has not opened.
    if (isOpened === true || kind === 'bound' || issued.isDaemonOnly) return true;
    try {
      await this.firewall.burnTags([{ tag: datagram.subarray(0, TAG_LENGTH), mark, seconds: 1 }]);
    } catch {
      return false;
    }
    await timeout(ON_ITS_WAY);
    // What the pipe holds by now is read.
    await immediate();
    await immediate();
    const opened = this.sources.get(keyOf(datagram));
    return opened === undefined || sameBytes(opened, source);
  }
}
