import { type Address, contains, formatAddress, isIPv4, type Network } from '../../src/base/addresses.ts';
import type { RequestedPort } from '../../src/base/ports.ts';
import { covers, formatPort, type PortRange, rangeOf } from '../../src/base/ports.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';

/** Port of this host that leads somewhere else during a grant of it. */
export interface Forward {
  readonly name: string;
  readonly port: PortRange;
  /** Target host; undefined: another port of this host. */
  readonly to: Address | undefined;
  readonly toPort: number;
  /** Whether the inner host sees this host's address instead of the client's. */
  readonly masquerade: boolean;
}

/** Ports that are opened; a single one may lead to another host. */
export interface GrantedPort extends PortRange {
  readonly forward?: Forward;
}

/** Target that a client asks for, if it names one; `host` undefined: this host. */
export interface ForwardTarget {
  readonly host: string | undefined;
  readonly port: number;
}

/** Part of an access request that policy decides on. */
export type AskedAccess = Pick<AccessRequest, 'ports' | 'duration' | 'action'>;

/** Rights of one client. Times of grants in seconds, dates in unix milliseconds. */
export interface ClientPolicy {
  readonly name: string;
  readonly ports: readonly PortRange[];
  /** Networks it may knock from; empty: any. */
  readonly sources: readonly Network[];
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  readonly longestGrant: number;
  /** Names of the actions that it may ask for. */
  readonly actions: readonly string[];
  /** Forwards that it may use. */
  readonly forwards: readonly Forward[];
  readonly enabled: boolean;
}

/** Answer: what to open, what to run and how long; or the rule that forbids it. */
export type Decision =
  | {
      readonly allowed: true;
      readonly ports: readonly GrantedPort[];
      readonly action: string;
      readonly seconds: number;
    }
  | { readonly allowed: false; readonly rule: string };

/**
 * The check `denied` of protocol.md: client enabled and in its dates, source, ports and action allowed; duration capped. A port
 * that is one of the client's forwards leads there.
 * @param usualGrant seconds, when the client asks for no duration of its own
 * @param now unix milliseconds
 * @param target where a client of fwknop wants its ports to lead
 */
export function decide(
  client: ClientPolicy,
  request: AskedAccess,
  source: Address,
  usualGrant: number,
  now: number,
  target?: ForwardTarget,
): Decision {
  const rule = ruleAgainst(client, request, source, now);
  if (rule !== undefined) return { allowed: false, rule };
  const ports: GrantedPort[] = [];
  for (const port of request.ports) {
    const forward = client.forwards.find((each) => leads(each, port, source, target));
    if (forward !== undefined) ports.push({ ...rangeOf(port), forward });
    else if (target !== undefined) return { allowed: false, rule: `forwards: ${target.host ?? ''},${target.port}` };
    // A forward for one IP version is not this host's own port over the other.
    else if (client.forwards.some(({ port: from }) => covers(from, rangeOf(port))))
      return { allowed: false, rule: `forwards: ${formatPort(port)} over this IP version` };
    else if (client.ports.some((allowed) => covers(allowed, rangeOf(port)))) ports.push(rangeOf(port));
    else return { allowed: false, rule: `ports: ${formatPort(port)}` };
  }
  const asked = request.duration === 0 ? usualGrant : request.duration;
  return {
    allowed: true,
    // An action requested without ports opens nothing.
    ports: request.ports.length === 0 && request.action === '' ? client.ports : ports,
    action: request.action,
    seconds: Math.min(asked, client.longestGrant, secondsUntil(client.notAfter, now)),
  };
}

/**
 * Whether a forward leads from a port: to the target that the client names, if it does, and never from one IP version to the other.
 */
function leads(
  { port: from, to, toPort }: Forward,
  port: RequestedPort,
  source: Address,
  target: ForwardTarget | undefined,
): boolean {
  if (!covers(from, rangeOf(port)) || (to !== undefined && isIPv4(to) !== isIPv4(source))) return false;
  const host = to === undefined ? undefined : formatAddress(to);
  return target === undefined || (target.host === host && target.port === toPort);
}

/** Seconds until a client ends, which a grant does not outlive: at least one, since the kernel knows nothing shorter. */
function secondsUntil(end: number | undefined, now: number): number {
  return end === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((end - now) / 1000));
}

/**
 * Whether a client is enabled, and in its dates.
 * @param now unix milliseconds
 */
export function isInForce(client: ClientPolicy, now: number): boolean {
  return ruleOfTime(client, now) === undefined;
}

function ruleOfTime(client: ClientPolicy, now: number): string | undefined {
  if (!client.enabled) return 'enabled = false';
  if (client.notBefore !== undefined && now < client.notBefore) return 'not_before';
  if (client.notAfter !== undefined && now >= client.notAfter) return 'not_after';
  return undefined;
}

function ruleAgainst(client: ClientPolicy, request: AskedAccess, source: Address, now: number): string | undefined {
  const rule = ruleOfTime(client, now);
  if (rule !== undefined) return rule;
  if (client.sources.length > 0 && !client.sources.some((network) => contains(network, source))) return 'sources';
  if (request.action !== '' && !client.actions.includes(request.action)) return 'no action of that name';
  return undefined;
}
