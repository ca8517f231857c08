import type { Socket } from 'node:net';
import { either } from '../../os/abort.ts';
import type { Clock } from '../../os/clock.ts';
import { Departures } from './departures.ts';

/** The result of one connection attempt. */
export type Probed =
  | { readonly kind: 'open'; readonly socket: Socket }
  /** Nothing came back within the window. */
  | { readonly kind: 'silent' }
  /** A reset came back. */
  | { readonly kind: 'refused' }
  /** The system or a router on the way gave up; its error code. */
  | { readonly kind: 'unreachable'; readonly code: string };

/**
 * Makes one connection attempt, and takes it back when the window is over or the signal aborts.
 * @param from port to connect from; undefined: any
 */
export type Probe = (
  address: string,
  port: number,
  windowMs: number,
  signal: AbortSignal,
  from?: number,
) => Promise<Probed>;

/** The connection that got through. */
export interface Through {
  readonly kind: 'open';
  readonly address: string;
  readonly port: number;
  readonly socket: Socket;
}

/** The result of waiting. */
export type Waited =
  | Through
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly address: string }
  | { readonly kind: 'unreachable'; readonly codes: readonly string[] };

/**
 * How long each round waits for an answer. The first attempt goes out together with the knock. A gate on a near network has opened
 * before the second, and a knock that was overtaken arrives before the third. The windows then grow beyond any usual round trip,
 * but never so long that the system repeats its SYN after 1 s.
 */
const WINDOWS_MS = [4, 4, 16, 32, 64, 128, 256, 512];
/** The same right behind a later knock: after a few short ones, one that outlasts most round trips. */
const LATER_WINDOWS_MS = [4, 4, 16];
const LONGEST_WINDOW_MS = 900;
/** A knock leaves no later than this behind its time, unless the computer is very busy. */
const LEAVES_WITHIN_MS = 20;
/** A firewall may refuse rather than drop until it opens, so a refusal counts only when it outlasts a few knocks. */
const REFUSED_FOR_MS = 1000;
/** How long nothing but the addresses ahead is tried: time for a lost knock to be sent again. */
const AHEAD_FOR_MS = 500;

/** Facts about a wait: where the next connection goes, and which knocks go out meanwhile. */
export interface Waiting {
  /** Some of the addresses: the others are tried only when these stay silent for a while, or cannot be reached. */
  readonly ahead?: readonly string[];
  /** Knocks that go out meanwhile: right behind each, the rounds begin anew. */
  readonly departures?: Departures;
}

/**
 * Waits until a TCP port opens at one of the addresses: one connection attempt at a time, each address in turn, the first
 * that gets through wins. (Servers punish addresses that connect and leave: OpenSSH's PerSourcePenalties.) To be called right after
 * a knock has left.
 * @param deadlineMs by the monotonic clock
 * @returns `refused` before the deadline when every address goes on refusing; `silent` also when the signal aborts
 */
export async function waitForPort(
  addresses: readonly string[],
  port: number,
  deadlineMs: number,
  io: { readonly clock: Clock; readonly probe: Probe },
  signal: AbortSignal,
  { ahead = [], departures = new Departures([]) }: Waiting = {},
): Promise<Waited> {
  const refusedUntilMs = io.clock.monotonicMs() + REFUSED_FOR_MS;
  const inOrder = [...ahead, ...addresses.filter((address) => !ahead.includes(address))];
  let aheadUntilMs = ahead.length === 0 ? 0 : io.clock.monotonicMs() + AHEAD_FOR_MS;
  let verdict: Waited = { kind: 'silent' };
  let windowsMs = WINDOWS_MS;
  let round = 0;
  let until = either(signal, departures.nextHasLeft);
  try {
    for (; ; round++) {
      if (signal.aborted) return verdict;
      if (until.signal.aborted) {
        until.release();
        until = either(signal, departures.nextHasLeft);
        windowsMs = LATER_WINDOWS_MS;
        round = 0;
      }
      const startedMs = io.clock.monotonicMs();
      const isAhead = startedMs < aheadUntilMs;
      const tried = isAhead ? ahead : inOrder;
      const { nextDueMs } = departures;
      const leftMs = nextDueMs === undefined ? 0 : nextDueMs + LEAVES_WITHIN_MS - startedMs;
      const windowMs = windowOf(windowsMs[round], leftMs, tried.length);
      const outcomes: (Probed & { address: string })[] = [];
      for (const address of tried) {
        const remainingMs = deadlineMs - io.clock.monotonicMs();
        if (remainingMs <= 0) return verdict;
        const probed = await io.probe(address, port, Math.min(windowMs, remainingMs), until.signal);
        if (probed.kind === 'open') return { ...probed, address, port };
        if (until.signal.aborted) break;
        outcomes.push({ ...probed, address });
      }
      if (outcomes.length < tried.length) continue;
      verdict = verdictOf(outcomes);
      // An immediate refusal makes ssh move on to the next address, so stop favouring these.
      if (outcomes.some(({ kind }) => kind !== 'silent')) aheadUntilMs = 0;
      const allRefuse = outcomes.every(({ kind }) => kind === 'refused');
      if (!isAhead && allRefuse && io.clock.monotonicMs() >= refusedUntilMs) return verdict;
      // Answers that come at once must not make rounds without end.
      const pauseMs = Math.min(startedMs + windowMs, deadlineMs) - io.clock.monotonicMs();
      if (pauseMs > 0) await io.clock.sleep(pauseMs, until.signal);
    }
  } finally {
    until.release();
  }
}

/**
 * How long a round waits at each address, in milliseconds.
 * @param usualMs undefined for the longest
 * @param leftMs until the next knock: a last long round lasts until then, rather than a short one. 0 or less when none is to come
 */
function windowOf(usualMs: number | undefined, leftMs: number, addresses: number): number {
  const windowMs = usualMs ?? LONGEST_WINDOW_MS;
  const shareMs = leftMs / addresses;
  const isLast = leftMs > 0 && shareMs < windowMs * 3;
  return Math.min(isLast ? shareMs : windowMs, LONGEST_WINDOW_MS);
}

function verdictOf(outcomes: readonly (Probed & { address: string })[]): Waited {
  const refused = outcomes.find(({ kind }) => kind === 'refused');
  if (refused !== undefined) return { kind: 'refused', address: refused.address };
  const codes = outcomes.flatMap((probed) => (probed.kind === 'unreachable' ? [probed.code] : []));
  return codes.length === outcomes.length ? { kind: 'unreachable', codes } : { kind: 'silent' };
}
