import { Problem } from '../../base/problem.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { type PairKeys, pairKeys } from '../../spa/outer.ts';
import { provingPort } from '../hosts/proving-port.ts';
import {
  type ClientKey,
  type KeySource,
  type Open,
  type Opened,
  type OpenIo,
  type OpenRequest,
  USUAL_OPEN_MS,
} from '../hosts/server-kind.ts';
import { gateKeyUnusable } from '../problems.ts';
import type { Host } from './host.ts';
import { knockAndWait } from './knock-and-wait.ts';
import { findTarget, sshPortOf, type Target } from './target.ts';

/** Keys that this device and a gate derive for each other from one of the device's keys. */
export interface KnownPair extends Pick<ClientKey, 'opened'> {
  readonly pair: PairKeys;
}

/** Finds keys and addresses for knocks at a gate, all at once. */
export async function prepareGate(host: Host, keys: KeySource, io: OpenIo, signal: AbortSignal): Promise<Open> {
  const derived = keys.clientKeys(host).then((found) => {
    const pairs = pairsOf(host, found, io.crypto);
    io.mark?.('keys derived');
    return pairs;
  });
  const located = findTarget(host, host.ports, io, signal).then((target) => {
    io.mark?.('address known');
    return target;
  });
  const [pairs, found] = await Promise.all([derived, located]);
  return (request, until) => openGate(host, pairs, targetFor(host, found, request), request, io, until);
}

/**
 * Keys that this device and the gate of a host derive for each other, for each client key that the gate may know.
 * @throws Problem `gate-key-unusable`
 */
export function pairsOf({ name, gate }: Host, keys: readonly ClientKey[], crypto: CryptoProvider): KnownPair[] {
  try {
    return keys.map(({ privateKey, psk, opened }) => {
      return { pair: pairKeys(crypto, 'client', privateKey, gate.key, psk), opened };
    });
  } catch (error) {
    throw isLowOrder(crypto, gate.key) ? gateKeyUnusable(name) : error;
  }
}

function targetFor(host: Host, found: Target, { ports = host.ports, action, sshPort }: OpenRequest): Target {
  // An action without ports opens nothing to wait for.
  const opensNothing = action !== undefined && ports.length === 0;
  const probePort = opensNothing ? undefined : provingPort(ports, sshPort, sshPortOf(host));
  return { ...found, ports, probePort, ...(action !== undefined && { action }) };
}

async function openGate(
  { name }: Host,
  pairs: readonly KnownPair[],
  target: Target,
  request: OpenRequest,
  io: OpenIo,
  signal: AbortSignal,
): Promise<Opened> {
  let silent: unknown;
  for (const { pair, opened } of pairs) {
    try {
      const startedMs = io.clock.wallMs();
      const result = await knockAndWait(target, pair, request, io, signal);
      if (silent !== undefined) await opened();
      const untilMs = result.kind === 'open' ? openUntil(result.address, pair, target, startedMs, io) : 0;
      return { result, untilMs };
    } catch (error) {
      // Another key is tried only where this one may be the reason.
      if (!(error instanceof Problem) || error.text.code !== 'no-answer') throw error;
      silent = silent ?? error;
    }
  }
  throw silent ?? new RangeError(`${name}: no key to try`);
}

function openUntil(address: string, pair: PairKeys, target: Target, startedMs: number, { ledger }: OpenIo): number {
  const here = ledger.look(pair).grants.filter((grant) => grant.address === address);
  return here.length > 0
    ? Math.max(...here.map(({ until }) => until))
    : startedMs + (target.duration * 1000 || USUAL_OPEN_MS);
}
