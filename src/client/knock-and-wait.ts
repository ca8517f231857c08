import type { Socket } from 'node:net';
import type { CryptoProvider } from '../spa/crypto.ts';
import type { PairKeys } from '../spa/outer.ts';
import type { Clock } from './clock.ts';
import type { OpenUdpRoute } from './knock.ts';
import type { Ledger } from './ledger.ts';
import { rememberGrant, tryLiveGrants } from './live-grant.ts';
import { meanwhile } from './meanwhile.ts';
import { addressesAhead, type NextAddress } from './next-address.ts';
import { type Attempt, cancelled, noAnswer, noRoute, portClosed, slotsExhausted } from './problems.ts';
import type { Target } from './target.ts';
import { type Probe, type Through, type Waited, waitForPort } from './wait.ts';
import { type Knocked, portsOfWave, sendLaterWaves, sendWave, type Tally } from './waves.ts';

/** Everything that reaches outside. */
export interface KnockIo {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly openRoute: OpenUdpRoute;
  readonly probe: Probe;
  readonly ledger: Ledger;
}

export interface KnockOptions {
  /** Knock even when a grant is live. */
  readonly force: boolean;
  /** How long to wait for the port, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * The count, from 0, of the one wave that is sent: the caller knocks again soon, and a gate accepts only so many
   * packets for each epoch. Undefined: several waves, as usual.
   */
  readonly onlyWave?: number | undefined;
  /** Where somebody else connects once the door is open; undefined when it is the caller, with the very connection. */
  readonly nextAddress?: NextAddress | undefined;
}

export const USUAL_TIMEOUT_MS = 8000;

/** The result, where all went well. */
export type KnockResult =
  /** The port is open, and this is the connection that got through: the caller carries or destroys it. */
  | {
      readonly kind: 'open';
      readonly address: string;
      readonly port: number;
      /** Milliseconds from the first knock's leaving to the open connection. */
      readonly afterMs: number;
      /** Datagrams sent; 0 when a live grant did. */
      readonly knocks: number;
      readonly sourceClaimed: boolean;
      readonly socket: Socket;
    }
  /** Only UDP was asked for: knocked, and nothing here can tell more. */
  | { readonly kind: 'sent'; readonly addresses: readonly string[]; readonly knocks: number };

/**
 * Knocks and waits until the port opens. A live grant is tried first, without a knock.
 * @throws Problem `no-route`, `no-answer`, `port-closed`, `slots-exhausted`, `cancelled`
 */
export async function knockAndWait(
  target: Target,
  pair: PairKeys,
  options: KnockOptions,
  io: KnockIo,
  signal: AbortSignal,
): Promise<KnockResult> {
  const startedMs = io.clock.monotonicMs();
  // Looked up while the knock is on its way.
  const ahead = addressesAhead(target.addresses, options.nextAddress, io.clock);
  const open = options.force ? undefined : await tryLiveGrants(target, ahead, pair, io, signal);
  if (open !== undefined) return opened(open, io.clock.monotonicMs() - startedMs, 0, false);
  if (signal.aborted) throw cancelled(target.name);
  return knockThenWait(target, ahead, pair, options, io, signal);
}

async function knockThenWait(
  target: Target,
  ahead: Promise<readonly string[]>,
  pair: PairKeys,
  { timeoutMs, onlyWave }: KnockOptions,
  io: KnockIo,
  signal: AbortSignal,
): Promise<KnockResult> {
  const knockedAtMs = io.clock.wallMs();
  const tally: Tally = { knocks: 0, knockPorts: new Set() };
  const first = await sendWave(target, target.addresses, portsOfWave(target, onlyWave ?? 0), pair, io, tally);
  const startedMs = io.clock.monotonicMs();
  const addresses = reached(first, target);
  const later = async (until: AbortSignal) => {
    if (onlyWave === undefined) await sendLaterWaves(target, addresses, pair, startedMs, io, tally, until);
  };
  const port = target.probePort;
  if (port === undefined) {
    await later(signal);
    if (signal.aborted) throw cancelled(target.name);
    return { kind: 'sent', addresses, knocks: tally.knocks };
  }
  const deadlineMs = startedMs + timeoutMs;
  const reachedAhead = (await ahead).filter((address) => addresses.includes(address));
  const wait = (until: AbortSignal) => waitForPort(addresses, port, deadlineMs, io, until, reachedAhead);
  const waited = await meanwhile(signal, later, wait);
  if (waited.kind === 'open') {
    const afterMs = io.clock.monotonicMs() - startedMs;
    const sent = first.find((knocked) => knocked.address === waited.address);
    if (!sent?.ok) return opened(waited, afterMs, tally.knocks, false);
    await rememberGrant(target, pair, waited.address, sent.localAddress, knockedAtMs, io);
    return opened(waited, afterMs, tally.knocks, sent.sourceClaimed);
  }
  if (signal.aborted) throw cancelled(target.name);
  throw verdict(waited, {
    host: target.name,
    addresses,
    knockPorts: [...tally.knockPorts],
    port: { protocol: 'tcp', port },
    knocks: tally.knocks,
    elapsedMs: io.clock.monotonicMs() - startedMs,
    wallMs: io.clock.wallMs(),
    clockOffsetMs: io.ledger.look(pair).clockOffsetMs,
  });
}

/** The addresses that the first wave could be sent to: only they are worth waiting for. */
function reached(first: readonly Knocked[], target: Target): string[] {
  const addresses = first.flatMap((knocked) => (knocked.ok ? [knocked.address] : []));
  if (addresses.length > 0) return addresses;
  if (first.length === 0) throw slotsExhausted(target.name, target.slots);
  const codes = first.flatMap((knocked) => (knocked.ok ? [] : [knocked.code]));
  throw noRoute(target.name, target.addresses, codes);
}

function verdict(waited: Exclude<Waited, { kind: 'open' }>, attempt: Attempt): Error {
  if (waited.kind === 'refused') return portClosed(attempt, waited.address);
  if (waited.kind === 'unreachable') return noRoute(attempt.host, attempt.addresses, waited.codes);
  return noAnswer(attempt);
}

function opened(
  { address, port, socket }: Through,
  afterMs: number,
  knocks: number,
  sourceClaimed: boolean,
): KnockResult {
  return { kind: 'open', address, port, afterMs, knocks, sourceClaimed, socket };
}
