import type { RequestedPort } from '../../base/ports.ts';
import type { Clock } from '../../os/clock.ts';
import { provingPort } from '../hosts/proving-port.ts';
import { findAddresses } from '../network/find-addresses.ts';
import type { Resolve } from '../network/resolve.ts';
import { addressesOf, type Host } from './host.ts';

/** Addresses and ports to knock at, and the port to wait for. */
export interface Target {
  readonly name: string;
  /** Literal IP addresses, each once; one at least. */
  readonly addresses: readonly string[];
  /** UDP ports in the order to try them; one at least. */
  readonly knockPorts: readonly number[];
  /** Slots that the gate has for each client and epoch. */
  readonly slots: number;
  /** Ports to ask for; empty for all that the gate allows. */
  readonly ports: readonly RequestedPort[];
  /** Name of an action that the gate should run. */
  readonly action?: string | undefined;
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /** Whether a knock says which global address it comes from. */
  readonly claimSource: boolean;
  /** TCP port that shows whether the gate has opened; undefined when only UDP is asked for. */
  readonly probePort: number | undefined;
}

/** Port to wait for when nothing else is known. */
const SSH_PORT = 22;
/**
 * Slots per epoch that a gate must have for each address of a name: a knock of four waves takes those of this epoch and the next,
 * and no more.
 */
const TAGS_FOR_AN_ADDRESS = 2;

/**
 * Finds where to knock for a host: at its configured address, else at those of the gate's line; each name at all of its
 * addresses, since ssh tries one after the other until one answers.
 * @param ports what to ask for; may be empty
 * @throws Problem `name-not-found` when nothing resolves in a bounded time; `cancelled`
 */
export async function findTarget(
  host: Host,
  ports: readonly RequestedPort[],
  io: { readonly resolve: Resolve; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Target> {
  return {
    name: host.name,
    addresses: await findAddresses(
      host.name,
      addressesOf(host),
      io,
      signal,
      Math.floor(host.gate.slots / TAGS_FOR_AN_ADDRESS),
    ),
    knockPorts: [...new Set(host.knockPorts ?? host.gate.knockPorts)],
    slots: host.gate.slots,
    ports,
    duration: host.duration,
    claimSource: host.claimSource,
    probePort: provingPort(ports, undefined, sshPortOf(host)),
  };
}

/** The port of a host's ssh, as far as it is known. */
export function sshPortOf({ sshPort, ports }: Pick<Host, 'sshPort' | 'ports'>): number {
  return sshPort ?? provingPort(ports, undefined) ?? SSH_PORT;
}
