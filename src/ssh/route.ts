import type { AddressFamily } from '../client/network/next-address.ts';
import type { EffectiveConfig } from './effective-config.ts';

/** A host on the way to another. */
export interface Hop {
  /** The name given to ssh: an alias of its configuration, a name or an address. */
  readonly name: string;
  /** The name or address that ssh connects to. */
  readonly hostName: string;
  readonly port: number;
  readonly addressFamily: AddressFamily;
  /** Whether ssh itself connects to it, without a ProxyCommand. False when that is unknown. */
  readonly isDirect: boolean;
}

/** Finds the settings that ssh would use for a name; undefined when they are unknown. */
export type Look = (name: string) => Promise<EffectiveConfig | undefined>;

/** The most jumps that are followed: a configuration may have a circle. */
const DEEPEST = 8;
const SSH_PORT = 22;

/**
 * Lists the hosts that a connection goes through, the destination last. As in ssh, the settings of a jump host decide how it
 * is reached only for the first one of a list; ssh reaches each following one through the previous one.
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

/** The gate on a route, and whether a knock from here can open it. */
export type RouteGate<G> =
  /** The first hop has a gate. Only this one sees this computer's own address. */
  | { readonly kind: 'here'; readonly gate: G; readonly hop: Hop }
  /** A later hop has a gate. It sees the address of the hop before it, so a packet from here does not open it. */
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
