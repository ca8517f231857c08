import { formatPort } from '../../base/ports.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { PairKeys } from '../../spa/outer.ts';
import type { Through } from '../network/wait.ts';
import type { KnockIo } from './knock-io.ts';
import type { Grant } from './ledger-state.ts';
import type { Target } from './target.ts';

/** Rest of a grant, in milliseconds, below which it is not relied on. */
const LEAST_LEFT_MS = 5000;
/** Milliseconds to wait: an open port answers within a round trip, and a wrong entry of the ledger must not cost much. */
const QUICK_CONNECT_MS = 250;
/** Seconds that a gate grants when it is asked for no time and its owner chose no other. */
const USUAL_GRANT_SECONDS = 30;

/** A connection through a port that was open already. */
export interface Live extends Through {
  /** End of the grant in unix milliseconds, as far as this device knows. */
  readonly untilMs: number;
}

/**
 * Tries the ports that are open according to the ledger, without a knock.
 * @param ahead addresses that matter when they are not all alike; none for any
 * @returns the open connection; undefined when there is no such port, or the ledger is wrong
 */
export async function tryLiveGrants(
  target: Target,
  ahead: Promise<readonly string[]>,
  pair: PairKeys,
  io: KnockIo,
  signal: AbortSignal,
): Promise<Live | undefined> {
  const port = target.probePort;
  if (port === undefined) return undefined;
  const usableUntil = io.clock.wallMs() + LEAST_LEFT_MS;
  const grants = io.ledger.look(pair).grants.filter((grant) => grant.until > usableUntil && covers(grant, target));
  if (grants.length === 0) return undefined;
  const wanted = await ahead;
  for (const address of wanted.length > 0 ? wanted : target.addresses) {
    const here = grants.filter((grant) => grant.address === address);
    if (here.length === 0) continue;
    const from = await localAddressTowards(address, target, io);
    const untilMs = Math.max(0, ...here.filter((grant) => grant.from === from).map(({ until }) => until));
    if (untilMs === 0) continue;
    const probed = await io.probe(address, port, QUICK_CONNECT_MS, signal);
    if (probed.kind === 'open') return { ...probed, address, port, untilMs };
  }
  return undefined;
}

/**
 * Remembers that a port was seen open.
 * @param knockedAtMs unix milliseconds of the first knock: the gate's time starts no earlier
 * @returns end of the grant in unix milliseconds, as far as this device knows
 */
export async function rememberGrant(
  target: Target,
  pair: PairKeys,
  address: string,
  from: string,
  knockedAtMs: number,
  io: KnockIo,
): Promise<number> {
  const until = knockedAtMs + (target.duration || USUAL_GRANT_SECONDS) * 1000;
  await io.ledger.addGrant(pair, { address, from, ports: target.ports.map(formatPort), until });
  // A grant of everything that the gate allows covers the port that was seen open, also when only that one is asked for.
  if (target.ports.length === 0 && target.probePort !== undefined)
    await io.ledger.addGrant(pair, { address, from, ports: [`tcp/${target.probePort}`], until });
  return until;
}

function covers(grant: Grant, target: Target): boolean {
  if (target.ports.length === 0) return grant.ports.length === 0;
  return target.ports.every((port) => grant.ports.includes(formatPort(port)));
}

async function localAddressTowards(address: string, target: Target, io: KnockIo): Promise<string | undefined> {
  try {
    const route = await io.openRoute(address, target.knockPorts[0] ?? 0);
    route.close();
    return route.localAddress;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
