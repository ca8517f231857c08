import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import type { FwknopMessage } from '../../src/fwknop/message.ts';
import { type Address, formatAddress } from '../../src/spa/addresses.ts';
import { utf8 } from '../../src/spa/bytes.ts';
import { formatPortRange } from '../../src/spa/ports.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate } from '../config/load.ts';
import type { Firewall } from '../firewall/firewall.ts';
import { type Decision, decide } from '../policy/policy.ts';
import { reasonOf } from '../problems.ts';
import { verifyFwknop } from '../verify/fwknop.ts';
import type { ReplayRecord } from '../verify/replay.ts';
import type { Packet } from '../verify/verify.ts';
import type { ReadyFwknop } from './fwknop-keys.ts';

export interface FwknopPipelineParts {
  readonly crypto: FwknopCrypto;
  readonly clock: Clock;
  readonly firewall: Firewall;
  readonly audit: Audit;
  /** Read anew for each packet, since a reload swaps it. */
  readonly current: () => {
    readonly loaded: LoadedGate;
    readonly stanzas: readonly ReadyFwknop[];
    readonly replay: ReplayRecord;
  };
}

/** What a stanza is known by in the record of replays: 32 bytes that last as long as its name. */
export function replayKeyOf(crypto: FwknopCrypto, name: string): Uint8Array {
  return crypto.hash('sha256', utf8(`fwknop ${name}`));
}

/** The way of a packet of fwknop through the gate: verify, replay, policy, firewall, audit, as for our own message. */
export class FwknopPipeline {
  private readonly parts: FwknopPipelineParts;

  constructor(parts: FwknopPipelineParts) {
    this.parts = parts;
  }

  /** Never rejects: whatever goes wrong with a packet is named in the audit log. */
  async handle(packet: Packet): Promise<void> {
    const { crypto, clock, firewall, audit } = this.parts;
    const { loaded, stanzas } = this.parts.current();
    const now = clock.wall();
    const context = { crypto, now, toleranceMs: loaded.config.gate.clockTolerance * 1000 };
    const verified = await verifyFwknop(context, stanzas, packet);
    if (!verified.ok) {
      const { detail, skewMs } = verified;
      const more = { ...(detail && { detail }), ...(skewMs === undefined ? {} : { skew_ms: skewMs }) };
      this.refuse(packet, verified.stanza, verified.reason, more);
      return;
    }
    const { stanza, message, address } = verified;
    // Asked for now: a reload may have swapped it while the packet was opened.
    const { replay } = this.parts.current();
    const record = replay.accept(replayKeyOf(crypto, stanza.name), message.timestamp * 1000, verified.mark);
    if (!record.fresh) {
      this.refuse(packet, stanza, record.reason, record.detail === undefined ? {} : { detail: record.detail });
      return;
    }
    const decision = decideFwknop(stanza, message, address, now);
    if (!decision.allowed) {
      this.refuse(packet, stanza, 'denied', { detail: decision.rule });
      return;
    }
    if (!(await record.durable) && !replay.takesUnrecorded(message.timestamp * 1000)) {
      this.refuse(packet, stanza, 'state-degraded');
      return;
    }
    const { ports, seconds } = decision;
    try {
      await firewall.grant({ client: stanza.name, address, ports, seconds });
    } catch (error) {
      this.refuse(packet, stanza, 'firewall-error', { detail: reasonOf(error) });
      return;
    }
    const source = formatAddress(address);
    audit({
      event: 'granted',
      client: stanza.name,
      source,
      ports: ports.map(formatPortRange),
      seconds,
      detail: 'fwknop',
    });
  }

  private refuse(
    packet: Packet,
    stanza: ReadyFwknop | undefined,
    reason: string,
    more: Partial<AuditEntry> = {},
  ): void {
    // The port is open to all: what nobody's keys open is counted by the kernel, and not written down.
    if (stanza === undefined) return;
    const source = formatAddress(packet.source);
    this.parts.audit({ event: 'refused', client: stanza.name, source, reason, ...more });
  }
}

/** Of fwknop's messages those that ask for ports of this host are answered. */
function decideFwknop(stanza: ReadyFwknop, message: FwknopMessage, address: Address, now: number): Decision {
  const { ask, timestamp, timeout } = message;
  if (ask.kind === 'command') return { allowed: false, rule: 'commands are not taken' };
  if (ask.kind === 'nat') return { allowed: false, rule: 'NAT is not taken' };
  const request = { timestamp: timestamp * 1000, source: address, duration: timeout, ports: ask.ports, action: '' };
  return decide(stanza, request, address, stanza.grant, now);
}
