import { type Address, formatAddress } from '../../src/base/addresses.ts';
import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import type { FwknopMessage } from '../../src/fwknop/message.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { Packet } from '../capture/packet.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate } from '../config/load.ts';
import type { Door } from '../daemon/door.ts';
import { carryOut, type Means } from '../daemon/grant.ts';
import { type Decision, decide } from '../policy/policy.ts';
import { type ReadyFwknop, replayKeyOf } from './keys.ts';
import { verifyFwknop } from './verify.ts';

export interface FwknopPipelineParts extends Means {
  readonly crypto: FwknopCrypto;
  readonly clock: Clock;
  readonly door: Pick<Door, 'replay' | 'mayGrant'>;
  /** Reads the state anew for each packet, since a reload swaps it. */
  readonly current: () => {
    readonly loaded: LoadedGate;
    readonly stanzas: readonly ReadyFwknop[];
  };
}

/** Pipeline of a packet of fwknop: verify, replay, policy, firewall, audit, as for our own message. */
export class FwknopPipeline {
  private readonly parts: FwknopPipelineParts;

  constructor(parts: FwknopPipelineParts) {
    this.parts = parts;
  }

  /** Handles a packet. Never rejects: the audit log names any fault. */
  async handle(packet: Packet): Promise<void> {
    const { door } = this.parts;
    const { loaded, verified, now } = await this.verify(packet);
    if (!verified.ok) {
      const { detail, skewMs } = verified;
      const more = { ...(detail && { detail }), ...(skewMs === undefined ? {} : { skew_ms: skewMs }) };
      this.refuse(packet, verified.stanza, verified.reason, more);
      return;
    }
    const { stanza, message, address } = verified;
    const record = door.replay.accept(
      replayKeyOf(this.parts.crypto, stanza.keys),
      message.timestamp * 1000,
      verified.mark,
    );
    if (!record.fresh) {
      this.refuse(packet, stanza, record.reason, record.detail === undefined ? {} : { detail: record.detail });
      return;
    }
    const decision = decideFwknop(stanza, message, address, loaded, now);
    if (!decision.allowed) {
      this.refuse(packet, stanza, 'denied', { detail: decision.rule });
      return;
    }
    if (!(await door.mayGrant(record.durable, message.timestamp * 1000))) {
      this.refuse(packet, stanza, 'state-degraded');
      return;
    }
    const guest = { client: stanza.name, address, detail: 'fwknop' };
    const failure = await carryOut(this.parts, guest, decision, loaded.config.actions);
    if (failure !== undefined) this.refuse(packet, stanza, 'firewall-error', { detail: failure });
  }

  /** Verifies a packet by the stanzas in force once it has been opened: after a reload in between, it is opened anew. */
  private async verify(packet: Packet) {
    const { crypto, clock, current } = this.parts;
    for (;;) {
      const { loaded, stanzas } = current();
      const now = clock.wall();
      const context = { crypto, now, toleranceMs: loaded.config.gate.clockTolerance * 1000 };
      const verified = await verifyFwknop(context, stanzas, packet);
      if (current().loaded === loaded) return { loaded, verified, now };
    }
  }

  private refuse(
    packet: Packet,
    stanza: ReadyFwknop | undefined,
    reason: string,
    more: Partial<AuditEntry> = {},
  ): void {
    // Anybody can send to this port: packets that no key opens are counted by the kernel, and not logged.
    if (stanza === undefined) return;
    const source = formatAddress(packet.source);
    this.parts.audit({ event: 'refused', client: stanza.name, source, reason, ...more });
  }
}

/**
 * Decides what a message gets. NAT leads where the stanza's forwards lead, or nowhere. A command is never run: it asks for the
 * action that has exactly this command.
 */
function decideFwknop(
  stanza: ReadyFwknop,
  { ask, timestamp, timeout }: FwknopMessage,
  address: Address,
  { config }: LoadedGate,
  now: number,
): Decision {
  // As in fwknopd, the limit holds only for clients that ask for a time: the stanza's own may be longer.
  const duration = timeout === 0 ? stanza.grant : Math.min(timeout, stanza.longestGrant);
  const client = { ...stanza, longestGrant: Math.max(stanza.grant, stanza.longestGrant) };
  const request = { timestamp: timestamp * 1000, source: address, duration };
  if (ask.kind !== 'command') {
    const target =
      ask.kind === 'nat' ? { host: ask.local ? undefined : ask.target.host, port: ask.target.port } : undefined;
    return decide(client, { ...request, ports: ask.ports, action: '' }, address, stanza.grant, now, target);
  }
  const action = config.actions.find(({ command }) => command === ask.command)?.name;
  if (action === undefined) return { allowed: false, rule: 'no action of that name' };
  return decide(client, { ...request, ports: [], action }, address, stanza.grant, now);
}
