import { type Address, formatAddress, sameBytes } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import type { Packet } from '../capture/packet.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate } from '../config/load.ts';
import { decide } from '../policy/policy.ts';
import { reasonOf } from '../problems.ts';
import { reached } from '../stages.ts';
import { hostOf } from '../verify/known-addresses.ts';
import type { KnownClient } from '../verify/known-client.ts';
import type { IssuedTags, TagIndex } from '../verify/tags.ts';
import { verify } from '../verify/verify.ts';
import type { Door } from './door.ts';
import { carryOut, type Means } from './grant.ts';

/** Configuration and tags of the moment; read anew for each packet, since a reload swaps them. */
export interface Current {
  readonly loaded: LoadedGate;
  readonly tags: TagIndex;
}

/** Packets seen since the start. */
export interface Counts {
  /** Packets that the kernel let through to the daemon. */
  received: number;
  /** Of these: the tag was not current, or was spent already. */
  unmatched: number;
  refused: number;
  granted: number;
}

export interface PipelineParts extends Means {
  readonly crypto: CryptoProvider;
  readonly clock: Clock;
  readonly door: Pick<Door, 'replay' | 'mayGrant'>;
  readonly current: () => Current;
  /** Told of each message that was accepted, whatever policy then says. */
  readonly accepted: (client: KnownClient, request: AccessRequest) => void;
  /** Told of each address that a client was let in from and had claimed. */
  readonly proved: (client: KnownClient, address: Address) => void;
  /** Makes sure that the kernel has not opened to a tag for somebody else, and will not. */
  readonly isStillUnused: (packet: Packet, issued: IssuedTags) => Promise<boolean>;
}

/** verify -> policy -> firewall -> audit, for one packet after the other: protocol.md's checks in its order. A packet that does not verify changes nothing. */
export class Pipeline {
  readonly counts: Counts = { received: 0, unmatched: 0, refused: 0, granted: 0 };
  private readonly parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.parts = parts;
  }

  /** Never rejects: whatever goes wrong with a packet is named in the audit log. */
  async handle(packet: Packet): Promise<void> {
    this.counts.received += 1;
    const { loaded, tags } = this.parts.current();
    const issued = tags.find(packet.datagram);
    if (issued === undefined) {
      this.counts.unmatched += 1;
      return;
    }
    const { gate } = loaded.config;
    const now = this.parts.clock.wall();
    const context = {
      crypto: this.parts.crypto,
      gatePrivate: loaded.privateKey,
      toleranceMs: gate.clockTolerance * 1000,
      now,
      addresses: gate.addresses,
    };
    const verified = verify(context, issued.source, packet);
    if (!verified.ok) {
      const skew = verified.skewMs === undefined ? {} : { skew_ms: Math.round(verified.skewMs) };
      this.refuse(packet, verified.client, verified.reason, skew);
      return;
    }
    const { client, request, aeadTag } = verified;
    if (wasOpenedBefore(issued, packet, gate.ipv6Prefix)) {
      this.refuse(packet, client, 'replayed', { detail: 'the kernel has opened to this tag before' });
      return;
    }
    const record = this.parts.door.replay.accept(client.pair.clientPublic, request.timestamp, aeadTag, packet.source);
    if (!record.fresh) {
      this.refuse(packet, client, record.reason, record.detail === undefined ? {} : { detail: record.detail });
      return;
    }
    tags.use(packet.datagram);
    this.parts.accepted(client, request);
    const decision = decide(client.policy, request, packet.source, gate.grant, now);
    if (!decision.allowed) {
      if (packet.isOpened) await this.withdraw(packet, client);
      this.refuse(packet, client, 'denied', { detail: decision.rule });
      return;
    }
    reached('verified', packet);
    if (!(await this.parts.door.mayGrant(record.durable, request.timestamp))) {
      this.refuse(packet, client, 'state-degraded');
      return;
    }
    reached('durable', packet);
    if (!(await this.parts.isStillUnused(packet, issued))) {
      this.refuse(packet, client, 'replayed', { detail: 'the kernel has opened to this tag elsewhere' });
      return;
    }
    const guest = { client: client.policy.name, address: packet.source };
    const failure = await carryOut(this.parts, guest, decision, loaded.config.actions);
    if (failure !== undefined) {
      this.refuse(packet, client, 'firewall-error', { detail: failure });
      return;
    }
    reached('granted', packet);
    this.counts.granted += 1;
    if (request.source !== undefined) this.parts.proved(client, packet.source);
  }

  /** Takes back what the kernel has opened: the message is authentic, and asks for what its client may not have. */
  private async withdraw({ source }: Packet, { profile }: KnownClient): Promise<void> {
    if (profile === undefined) return;
    try {
      await this.parts.firewall.withdraw(source, profile);
    } catch (error) {
      this.parts.audit({ event: 'fault', detail: reasonOf(error) });
    }
  }

  private refuse(
    packet: Packet,
    client: KnownClient,
    reason: string,
    more: { detail?: string; skew_ms?: number } = {},
  ): void {
    this.counts.refused += 1;
    this.parts.audit({
      event: 'refused',
      client: client.policy.name,
      source: formatAddress(packet.source),
      reason,
      ...more,
    });
  }
}

/**
 * Whether the kernel asks about a tag to which it opens by itself. It does so when the tag was used before, also where no daemon
 * heard of that. From an address that is not known, though of the same /64, it asks about an unused one.
 */
function wasOpenedBefore(
  { source: { addresses }, isDaemonOnly }: IssuedTags,
  { source, isOpened }: Packet,
  ipv6Prefix: number,
): boolean {
  const host = hostOf(source, ipv6Prefix);
  const isKnown = host !== undefined && addresses.some((address) => sameBytes(address, host));
  return isKnown && !isDaemonOnly && isOpened !== true;
}
