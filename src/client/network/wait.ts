import type { Socket } from 'node:net';
import type { Clock } from '../../os/clock.ts';

/** The result of one connection attempt. */
export type Probed =
  | { readonly kind: 'open'; readonly socket: Socket }
  /** Nothing came back within the window. */
  | { readonly kind: 'silent' }
  /** A reset came back. */
  | { readonly kind: 'refused' }
  /** The system or a router on the way gave up; its error code. */
  | { readonly kind: 'unreachable'; readonly code: string };

/** Makes one connection attempt, and takes it back when the window is over or the signal aborts. */
export type Probe = (address: string, port: number, windowMs: number, signal: AbortSignal) => Promise<Probed>;

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

/** A gate on a near network has opened by then. */
const FIRST_PROBE_AFTER_MS = 4;
/**
 * How long each round waits for an answer. Short ones first, since the knock may still be on its way; in the end longer
 * than any usual round trip; never so long that the system repeats its SYN after 1 s.
 */
const WINDOWS_MS = [8, 16, 32, 64, 128, 256, 512, 900];
/** A firewall may refuse rather than drop until it opens, so a refusal counts only when it outlasts a few knocks. */
const REFUSED_FOR_MS = 1000;
/** How long nothing but the addresses ahead is tried: time for a lost knock to be sent again. */
const AHEAD_FOR_MS = 500;

/**
 * Waits until a TCP port opens at one of the addresses: one connection attempt at a time, each address in turn, the first
 * that gets through wins. (Servers punish addresses that connect and leave: OpenSSH's PerSourcePenalties.)
 * @param deadlineMs by the monotonic clock
 * @param ahead some of the addresses: the others are tried only when these stay silent for a while, or cannot be reached
 * @returns `refused` before the deadline when every address goes on refusing; `silent` also when the signal aborts
 */
export async function waitForPort(
  addresses: readonly string[],
  port: number,
  deadlineMs: number,
  io: { readonly clock: Clock; readonly probe: Probe },
  signal: AbortSignal,
  ahead: readonly string[] = [],
): Promise<Waited> {
  const refusedUntilMs = io.clock.monotonicMs() + REFUSED_FOR_MS;
  const inOrder = [...ahead, ...addresses.filter((address) => !ahead.includes(address))];
  let aheadUntilMs = ahead.length === 0 ? 0 : io.clock.monotonicMs() + AHEAD_FOR_MS;
  await io.clock.sleep(FIRST_PROBE_AFTER_MS, signal);
  let verdict: Waited = { kind: 'silent' };
  for (let round = 0; ; round++) {
    const windowMs = WINDOWS_MS[Math.min(round, WINDOWS_MS.length - 1)] ?? 0;
    const startedMs = io.clock.monotonicMs();
    const outcomes: (Probed & { address: string })[] = [];
    const isAhead = startedMs < aheadUntilMs;
    for (const address of isAhead ? ahead : inOrder) {
      const remainingMs = deadlineMs - io.clock.monotonicMs();
      if (remainingMs <= 0 || signal.aborted) return verdict;
      const probed = await io.probe(address, port, Math.min(windowMs, remainingMs), signal);
      if (probed.kind === 'open') return { ...probed, address, port };
      outcomes.push({ ...probed, address });
    }
    verdict = verdictOf(outcomes);
    // An immediate refusal makes ssh move on to the next address, so stop favouring these.
    if (outcomes.some(({ kind }) => kind !== 'silent')) aheadUntilMs = 0;
    const allRefuse = outcomes.every(({ kind }) => kind === 'refused');
    if (!isAhead && allRefuse && io.clock.monotonicMs() >= refusedUntilMs) return verdict;
    // Answers that come at once must not make rounds without end.
    const pauseMs = Math.min(startedMs + windowMs, deadlineMs) - io.clock.monotonicMs();
    if (pauseMs > 0) await io.clock.sleep(pauseMs, signal);
  }
}

function verdictOf(outcomes: readonly (Probed & { address: string })[]): Waited {
  const refused = outcomes.find(({ kind }) => kind === 'refused');
  if (refused !== undefined) return { kind: 'refused', address: refused.address };
  const codes = outcomes.flatMap((probed) => (probed.kind === 'unreachable' ? [probed.code] : []));
  return codes.length === outcomes.length ? { kind: 'unreachable', codes } : { kind: 'silent' };
}
