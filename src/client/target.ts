import { formatAddress, parseAddress } from '../spa/addresses.ts';
import type { RequestedPort } from '../spa/payload.ts';
import type { Clock } from './clock.ts';
import type { Host } from './hosts.ts';
import { cancelled, nameNotFound } from './problems.ts';
import { systemErrorCode } from './system-error.ts';

/** Looks a host name up: its addresses in the system's order. Rejects with the system's error. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Where to knock, and what to wait for. */
export interface Target {
  readonly name: string;
  /** Literal IP addresses, no two the same; one at least. */
  readonly addresses: readonly string[];
  /** UDP ports in the order to try them; one at least. */
  readonly knockPorts: readonly number[];
  /** Single-use tags that the gate has for each client and epoch. */
  readonly slots: number;
  /** What to ask for; empty for whatever the gate allows. */
  readonly ports: readonly RequestedPort[];
  /** Name of an action that the gate is to run. */
  readonly action?: string | undefined;
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /** Whether a knock says which global address it comes from. */
  readonly claimSource: boolean;
  /** The TCP port that shows whether the gate has opened; undefined when only UDP is asked for. */
  readonly probePort: number | undefined;
}

/** Waited for when nothing more is known. */
const SSH_PORT = 22;
/** A resolver that cannot reach its servers may take half a minute to say so. */
const RESOLVE_AT_MOST_MS = 5000;
/** Of the addresses of one name: each wave of knocks goes to all of them, and a gate seldom has more. */
const MOST_OF_A_NAME = 8;
/**
 * For each address of a name a gate must have so many single-use tags an epoch: a knock of four waves takes those of this epoch
 * and the next, and no more.
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
  const names = host.address === undefined ? host.gate.addresses : [host.address];
  return {
    name: host.name,
    addresses: await findAddresses(host.name, names, io, signal, Math.floor(host.gate.slots / TAGS_FOR_AN_ADDRESS)),
    knockPorts: [...new Set(host.knockPorts ?? host.gate.knockPorts)],
    slots: host.gate.slots,
    ports,
    duration: host.duration,
    claimSource: host.claimSource,
    probePort: ports.length === 0 ? sshPortOf(host) : firstTcp(ports),
  };
}

/** The port of a host's ssh, as far as it is known. */
export function sshPortOf({ sshPort, ports }: Pick<Host, 'sshPort' | 'ports'>): number {
  return sshPort ?? firstTcp(ports) ?? SSH_PORT;
}

function firstTcp(ports: readonly RequestedPort[]): number | undefined {
  return ports.find(({ protocol }) => protocol === 'tcp')?.port;
}

/**
 * The addresses of a host's names, no two the same, in the system's order.
 * @param most of one name
 * @throws Problem `name-not-found` when nothing resolves in a bounded time; `cancelled`
 */
export async function findAddresses(
  host: string,
  names: readonly string[],
  io: { readonly resolve: Resolve; readonly clock: Clock },
  signal: AbortSignal,
  most = MOST_OF_A_NAME,
): Promise<string[]> {
  const found = await Promise.all(names.map((name) => lookUp(name, io, signal)));
  if (signal.aborted) throw cancelled(host);
  const addresses = new Set(found.flatMap((each) => firstOf(each.addresses, Math.min(most, MOST_OF_A_NAME))));
  if (addresses.size === 0)
    throw nameNotFound(
      host,
      names,
      found.flatMap((each) => each.reason ?? []),
    );
  return [...addresses];
}

async function lookUp(
  name: string,
  io: { readonly resolve: Resolve; readonly clock: Clock },
  signal: AbortSignal,
): Promise<{ addresses: string[]; reason?: string }> {
  const literal = parseAddress(name);
  if (literal !== undefined) return { addresses: [formatAddress(literal)] };
  const timer = new AbortController();
  const stop = () => timer.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const tooLate = io.clock.sleep(RESOLVE_AT_MOST_MS, timer.signal);
    const found = await Promise.race([io.resolve(name), tooLate]);
    return found === undefined ? { addresses: [], reason: 'ETIMEDOUT' } : { addresses: written(found) };
  } catch (error) {
    const reason = systemErrorCode(error);
    if (reason === undefined) throw error;
    return { addresses: [], reason };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Addresses written one way; what is none is left out. */
function written(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => parseAddress(text) ?? []).map(formatAddress))];
}

/** The first so many of a name's addresses, and in any case one of each family. */
function firstOf(addresses: readonly string[], most: number): readonly string[] {
  if (addresses.length <= most) return addresses;
  const first = addresses.slice(0, most);
  const isOther = (address: string) => address.includes(':') !== first[0]?.includes(':');
  const other = addresses.find(isOther);
  return other === undefined || first.some(isOther) ? first : [...first.slice(0, -1), other];
}
