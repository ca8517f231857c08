import { formatAddress } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import type { Packet } from '../capture/packet.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate } from '../config/load.ts';
import { decide } from '../policy/policy.ts';
import { reached } from '../stages.ts';
import type { TagIndex } from '../verify/tags.ts';
import { type KnownClient, verify } from '../verify/verify.ts';
import type { Door } from './door.ts';
import { carryOut, type Means } from './grant.ts';

/** What the pipeline runs on; read anew for each packet, since a reload swaps it. */
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
}

/** verify -> policy -> firewall -> audit, for one packet after the other: protocol.md's checks in its order. */
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
    const candidates = tags.spend(packet.datagram);
    if (candidates === undefined) {
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
    };
    const verified = verify(context, candidates, packet);
    if (!verified.ok) {
      const skew = verified.skewMs === undefined ? {} : { skew_ms: Math.round(verified.skewMs) };
      this.refuse(packet, verified.client, verified.reason, skew);
      return;
    }
    const { client, request, aeadTag } = verified;
    const record = this.parts.door.replay.accept(client.pair.clientPublic, request.timestamp, aeadTag, packet.source);
    if (!record.fresh) {
      this.refuse(packet, client, record.reason, record.detail === undefined ? {} : { detail: record.detail });
      return;
    }
    const decision = decide(client.policy, request, packet.source, gate.grant, now);
    if (!decision.allowed) {
      this.refuse(packet, client, 'denied', { detail: decision.rule });
      return;
    }
    reached('verified', packet);
    if (!(await this.parts.door.mayGrant(record.durable, request.timestamp))) {
      this.refuse(packet, client, 'state-degraded');
      return;
    }
    reached('durable', packet);
    const guest = { client: client.policy.name, address: packet.source };
    const failure = await carryOut(this.parts, guest, decision, loaded.config.actions);
    if (failure !== undefined) {
      this.refuse(packet, client, 'firewall-error', { detail: failure });
      return;
    }
    reached('granted', packet);
    this.counts.granted += 1;
  }

  private refuse(
    packet: Packet,
    client: KnownClient | undefined,
    reason: string,
    more: { detail?: string; skew_ms?: number } = {},
  ): void {
    this.counts.refused += 1;
    this.parts.audit({
      event: 'refused',
      ...(client === undefined ? {} : { client: client.policy.name }),
      source: formatAddress(packet.source),
      reason,
      ...more,
    });
  }
}
