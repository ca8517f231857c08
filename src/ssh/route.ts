import type { AddressFamily } from '../client/network/next-address.ts';
import type { EffectiveConfig } from './effective-config.ts';

/** A host on the way to another. */
export interface Hop {
  /** As ssh is told it: an alias of its configuration, a name or an address. */
  readonly name: string;
  /** Where ssh goes for that name. */
  readonly hostName: string;
  readonly port: number;
  readonly addressFamily: AddressFamily;
  /** Whether ssh itself connects to it, without a ProxyCommand; false as well when that is unknown. */
  readonly isDirect: boolean;
}

/** Says what ssh would do for a name; undefined when that is unknown. */
export type Look = (name: string) => Promise<EffectiveConfig | undefined>;

/** More jumps than anybody has: a configuration may go round in circles. */
const DEEPEST = 8;
const SSH_PORT = 22;

/**
 * The hosts that a connection goes through, the first one first and the wanted one last. As ssh does it, only the first
 * jump of a list is reached as its own settings say; each following one is reached through the one before.
 */
export async function routeTo(name: string, look: Look): Promise<Hop[]> {
  return hopsTo(name, undefined, look, 0);
}

async function hopsTo(name: string, port: number | undefined, look: Look, depth: number): Promise<Hop[]> {
  const config = await look(name);
  const own = hopOf(name, port, config);
  const [first, ...others] = config?.jumps ?? [];
  if (first === undefined || depth >= DEEPEST) return [own];
  const before = await hopsTo(first.host, first.port, look, depth + 1);
  const between = await Promise.all(others.map(async ({ host, port }) => hopOf(host, port, await look(host))));
  return [...before, ...between, own];
}

function hopOf(name: string, port: number | undefined, config: EffectiveConfig | undefined): Hop {
  return {
    name,
    hostName: config?.hostName ?? name,
    port: port ?? config?.port ?? SSH_PORT,
    addressFamily: config?.addressFamily ?? 'any',
    isDirect: config?.hasProxyCommand === false,
  };
}

/** Gate on a route that a knock from here can open. */
export type RouteGate<G> =
  /** The first hop has one: the only one that sees this computer's own address. */
  | { readonly kind: 'here'; readonly gate: G; readonly hop: Hop }
  /** The gate is further in: it sees the hop before it, and a packet from here does not open it. */
  | { readonly kind: 'further-in'; readonly gate: G; readonly hop: Hop; readonly behind: Hop }
  | { readonly kind: 'none' };

/** Finds the gate of a route, also for hosts behind a jump host. */
export function gateOnRoute<G>(hops: readonly Hop[], gateOf: (hop: Hop) => G | undefined): RouteGate<G> {
  for (const [i, hop] of hops.entries()) {
    const gate = gateOf(hop);
    const behind = hops[i - 1];
    if (gate !== undefined)
      return behind === undefined ? { kind: 'here', gate, hop } : { kind: 'further-in', gate, hop, behind };
  }
  return { kind: 'none' };
}
