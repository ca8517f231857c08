import { formatAddress } from '../../src/base/addresses.ts';
import { formatPortRange } from '../../src/base/ports.ts';
import {
  type Armed,
  type Firewall,
  type FirewallPlan,
  type GrantRequest,
  type Heartbeat,
  type LiveGrant,
  NOTHING_FOUND,
  type SeenTag,
  type TagClaim,
} from './firewall.ts';

/** A firewall that only remembers: for trying the daemon without root, and for tests. It hides nothing. */
export class MemoryFirewall implements Firewall {
  private readonly grants = new Map<string, { grant: GrantRequest; port: LiveGrant['port']; until: number }>();
  private readonly steady: () => number;

  /** @param steady milliseconds that never jump */
  constructor(steady: () => number) {
    this.steady = steady;
  }

  async arm(_plan: FirewallPlan): Promise<Armed> {
    return NOTHING_FOUND;
  }

  async restore(): Promise<Armed> {
    return NOTHING_FOUND;
  }

  async disarm(): Promise<void> {
    this.grants.clear();
  }

  async setSequences(): Promise<void> {}

  async addTags(): Promise<void> {}

  async removeTags(): Promise<void> {}

  async replaceTags(): Promise<void> {}

  async burnTags(): Promise<void> {}

  async claimTag(): Promise<TagClaim> {
    return 'claimed';
  }

  async addAddresses(): Promise<void> {}

  async removeAddresses(): Promise<void> {}

  async openUntil(): Promise<void> {}

  async noteUnknown(): Promise<void> {}

  async unknownUpTo(): Promise<undefined> {
    return undefined;
  }

  async isHearing(): Promise<void> {}

  async seenTags(): Promise<SeenTag[]> {
    return [];
  }

  async withdraw(): Promise<void> {}

  async grant(request: GrantRequest): Promise<void> {
    for (const port of request.ports) {
      const key = `${formatAddress(request.address)} ${formatPortRange(port)}`;
      const until = Math.max(this.grants.get(key)?.until ?? 0, this.steady() + request.seconds * 1000);
      this.grants.set(key, { grant: request, port, until });
    }
  }

  async list(): Promise<LiveGrant[]> {
    const now = this.steady();
    for (const [key, { until }] of this.grants) {
      if (until <= now) this.grants.delete(key);
    }
    return [...this.grants.values()].map(({ grant, port, until }) => ({
      client: grant.client,
      address: grant.address,
      port,
      seconds: Math.ceil((until - now) / 1000),
    }));
  }

  async revoke(matches: (grant: LiveGrant) => boolean): Promise<number> {
    const ended = (await this.list()).filter(matches);
    for (const { address, port } of ended) this.grants.delete(`${formatAddress(address)} ${formatPortRange(port)}`);
    return ended.length;
  }

  async heartbeat(): Promise<Heartbeat> {
    return 'intact';
  }

  async counters(): Promise<Record<string, number>> {
    return {};
  }

  async close(): Promise<void> {}
}
