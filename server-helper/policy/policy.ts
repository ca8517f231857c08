import { type Address, contains, type Network } from '../../src/spa/addresses.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import { covers, formatPort, type PortRange, rangeOf } from '../../src/spa/ports.ts';

/** What one client may do. Times of grants in seconds, dates in unix milliseconds. */
export interface ClientPolicy {
  readonly name: string;
  readonly ports: readonly PortRange[];
  /** Networks it may knock from; empty: any. */
  readonly sources: readonly Network[];
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  readonly longestGrant: number;
  readonly enabled: boolean;
}

/** The answer: what to open and how long, or the rule that was in the way. */
export type Decision =
  | { readonly allowed: true; readonly ports: readonly PortRange[]; readonly seconds: number }
  | { readonly allowed: false; readonly rule: string };

/**
 * Check 8 of protocol.md: client enabled and in its dates, source, ports and action allowed; duration capped.
 * @param usualGrant seconds, when the client asks for no duration of its own
 * @param now unix milliseconds
 */
export function decide(
  client: ClientPolicy,
  request: AccessRequest,
  source: Address,
  usualGrant: number,
  now: number,
): Decision {
  const rule = ruleAgainst(client, request, source, now);
  if (rule !== undefined) return { allowed: false, rule };
  const asked = request.duration === 0 ? usualGrant : request.duration;
  return {
    allowed: true,
    ports: request.ports.length === 0 ? client.ports : request.ports.map(rangeOf),
    seconds: Math.min(asked, client.longestGrant, secondsUntil(client.notAfter, now)),
  };
}

/** A grant does not outlive its client: at least a second, since the kernel knows no shorter one. */
function secondsUntil(end: number | undefined, now: number): number {
  return end === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((end - now) / 1000));
}

/** Whether a client is enabled, and in its dates. @param now unix milliseconds */
export function isInForce(client: ClientPolicy, now: number): boolean {
  return ruleOfTime(client, now) === undefined;
}

function ruleOfTime(client: ClientPolicy, now: number): string | undefined {
  if (!client.enabled) return 'enabled = false';
  if (client.notBefore !== undefined && now < client.notBefore) return 'not_before';
  if (client.notAfter !== undefined && now >= client.notAfter) return 'not_after';
  return undefined;
}

function ruleAgainst(client: ClientPolicy, request: AccessRequest, source: Address, now: number): string | undefined {
  const rule = ruleOfTime(client, now);
  if (rule !== undefined) return rule;
  if (client.sources.length > 0 && !client.sources.some((network) => contains(network, source))) return 'sources';
  if (request.action !== '') return 'no action of that name';
  for (const port of request.ports) {
    if (!client.ports.some((allowed) => covers(allowed, rangeOf(port)))) return `ports: ${formatPort(port)}`;
  }
  return undefined;
}
