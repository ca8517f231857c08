import type { Socket } from 'node:net';
import type { PairKeys } from '../../spa/outer.ts';
import { addressesAhead, type NextAddresses } from '../network/next-address.ts';
import type { Through, Waited } from '../network/wait.ts';
import { type Attempt, cancelled, noAnswer, noRoute, portClosed } from '../problems.ts';
import type { KnockIo } from './knock-io.ts';
import { knockWithClock } from './knock-with-clock.ts';
import { placeText } from './known-places.ts';
import { rememberGrant, tryLiveGrants } from './live-grant.ts';
import type { Target } from './target.ts';
import { emptyTally, WAVES } from './waves.ts';

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
  readonly nextAddresses?: NextAddresses | undefined;
  /**
   * Called when the first wave is out, and the gate knows all of our addresses: its kernel opens as soon as it arrives, so a
   * connection that begins now comes after it.
   */
  readonly onBoundSent?: (() => void) | undefined;
}

export const USUAL_TIMEOUT_MS = 8000;
/**
 * How long the first of several corrections of our clock is tried alone: time for three waves. The second one then still
 * gets through before ssh repeats its SYN at three seconds.
 */
const FIRST_CLOCK_MS = 1200;

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
      /** With a live grant: its end in unix milliseconds, as far as this device knows. */
      readonly untilMs?: number;
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
  const ahead = addressesAhead(target.addresses, options.nextAddresses, io.clock);
  const open = options.force ? undefined : await tryLiveGrants(target, ahead, pair, io, signal);
  if (open !== undefined)
    return { ...opened(open, io.clock.monotonicMs() - startedMs, 0, false), untilMs: open.untilMs };
  if (signal.aborted) throw cancelled(target.name);
  return knockThenWait(target, ahead, pair, options, io, signal);
}

async function knockThenWait(
  target: Target,
  ahead: Promise<readonly string[]>,
  pair: PairKeys,
  options: KnockOptions,
  io: KnockIo,
  signal: AbortSignal,
): Promise<KnockResult> {
  const knockedAtMs = io.clock.wallMs();
  const tally = emptyTally();
  const clocks = clocksToTry(io.ledger.clocks(pair, target.name), options.onlyWave);
  let startedMs: number | undefined;
  const claimed = new Set<string>();
  let silent: { readonly addresses: readonly string[]; readonly waited: Unopened | undefined } | undefined;
  for (const [i, clockOffsetMs] of clocks.entries()) {
    const leftMs = options.timeoutMs - (startedMs === undefined ? 0 : io.clock.monotonicMs() - startedMs);
    const timeoutMs = i < clocks.length - 1 ? Math.min(FIRST_CLOCK_MS, leftMs / 2) : leftMs;
    const patience = { timeoutMs, onlyWave: options.onlyWave, ahead, onBoundSent: options.onBoundSent };
    const { waited, sent, addresses, laterWaves, ...knock } = await knockWithClock(
      target,
      { pair, clockOffsetMs },
      patience,
      io,
      tally,
      signal,
    );
    startedMs ??= knock.startedMs;
    for (const way of sent) if (way.ok && way.source !== undefined && !way.isTold) claimed.add(way.localAddress);
    if (waited?.kind === 'open') {
      const afterMs = io.clock.monotonicMs() - startedMs;
      await io.ledger.confirmClock(pair, target.name, clockOffsetMs);
      const way = sent.find(({ address }) => address === waited.address);
      if (!way?.ok) return opened(waited, afterMs, tally.knocks, false);
      await rememberGrant(target, pair, waited.address, way.localAddress, knockedAtMs, io);
      const { source, isBoundAlone, isTold } = way;
      if (isTold && laterWaves > 0) await io.ledger.forgetTold(pair, way.localAddress);
      else if (source !== undefined) await io.ledger.addPlace(pair, placeText(source), isBoundAlone && laterWaves > 0);
      return opened(waited, afterMs, tally.knocks, source !== undefined);
    }
    if (signal.aborted) throw cancelled(target.name);
    silent = { addresses, waited };
  }
  const { addresses, waited } = silent ?? { addresses: [], waited: undefined };
  if (target.probePort === undefined || waited === undefined) return { kind: 'sent', addresses, knocks: tally.knocks };
  throw verdict(waited, {
    host: target.name,
    addresses,
    knockPorts: [...tally.knockPorts],
    port: { protocol: 'tcp', port: target.probePort },
    knocks: tally.knocks,
    elapsedMs: io.clock.monotonicMs() - (startedMs ?? 0),
    wallMs: io.clock.wallMs(),
    clockOffsetsMs: clocks,
    claimed: [...claimed],
  });
}

/** A knock of one wave tells one time: the next ones, of which there are several for each, tell the other. */
function clocksToTry(known: readonly number[], onlyWave: number | undefined): readonly number[] {
  if (onlyWave === undefined) return known;
  return [known[Math.floor(onlyWave / WAVES) % known.length] ?? 0];
}

type Unopened = Exclude<Waited, { kind: 'open' }>;

function verdict(waited: Unopened, attempt: Attempt): Error {
  if (waited.kind === 'refused') return portClosed(attempt, waited.address);
  if (waited.kind === 'unreachable') return noRoute(attempt.host, attempt.addresses, waited.codes);
  return noAnswer(attempt);
}

function opened(
  { address, port, socket }: Through,
  afterMs: number,
  knocks: number,
  sourceClaimed: boolean,
): Extract<KnockResult, { kind: 'open' }> {
  return { kind: 'open', address, port, afterMs, knocks, sourceClaimed, socket };
}
