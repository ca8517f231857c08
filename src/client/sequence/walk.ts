import type { Clock } from '../../os/clock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { SequenceStep } from '../../sequence/step.ts';
import type { Ping } from '../network/ping.ts';
import type { OpenUdpRoute, UdpRoute } from '../network/udp.ts';
import type { Probe } from '../network/wait.ts';
import { pingMissing, sourcePortRefused } from './problems.ts';

export interface WalkIo {
  readonly clock: Clock;
  readonly openRoute: OpenUdpRoute;
  /** A connection attempt sends a SYN. */
  readonly probe: Probe;
  readonly ping: Ping;
}

/** A system sends its SYN again after a second: by then it would be a packet out of turn. */
const LONGEST_ATTEMPT_MS = 900;
/** How long ping may take to start and send, on a busy computer as well. */
const PING_MS = 400;
/** How far a step keeps away from the ends of its time, where it can: packets take longer and shorter. */
const MARGIN_MS = 200;
/** Source ports of a range that are tried: one may be in use. */
const MOST_SOURCE_PORTS = 16;
/** A port below 1024 may take root; another may be in use. */
const SOURCE_PORT_CODES: readonly string[] = ['EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL'];
/** A firewall may answer so to a packet that was heard. */
const MAY_BE_AN_ANSWER = 'EHOSTUNREACH';

/** How a packet was sent; `code` is the system's when it was not. */
interface Sent {
  readonly code?: string | undefined;
  /** Whether it left at some time before now, rather than at the start. */
  readonly isLate?: boolean;
}

/**
 * Sends one packet for each step in turn, and waits after each, the last included: what is sent next could overtake it.
 * @param address literal
 * @param delayMs from one step to the next, unless the next has times of its own
 * @returns the system's error code when a packet could not be sent; undefined also when the signal aborts
 * @throws Problem `program-missing` when there is no ping for an echo request, `source-port-refused`
 */
export async function walkSteps(
  address: string,
  steps: readonly SequenceStep[],
  delayMs: number,
  io: WalkIo,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const [i, step] of steps.entries()) {
    if (signal.aborted) return undefined;
    const { leastMs, mostMs } = gapBefore(steps[i + 1], delayMs);
    const startMs = io.clock.monotonicMs();
    const { code, isLate = false } = await send(address, step, leastMs, mostMs, io, signal);
    if (code !== undefined) return code;
    const fromMs = isLate ? io.clock.monotonicMs() : startMs;
    const restMs = Math.min(fromMs + leastMs, startMs + mostMs) - io.clock.monotonicMs();
    if (restMs > 0) await io.clock.sleep(restMs, signal);
  }
  return undefined;
}

/** Milliseconds to wait before a step, and those after which it could be too late. */
function gapBefore(step: SequenceStep | undefined, delayMs: number): { leastMs: number; mostMs: number } {
  const { afterMs = 0, withinMs = Number.POSITIVE_INFINITY } = step ?? {};
  const marginMs = Math.min(MARGIN_MS, (withinMs - afterMs) / 2);
  const mostMs = withinMs - marginMs;
  const leastMs = afterMs === 0 ? delayMs : Math.max(delayMs, afterMs + marginMs);
  return { leastMs: Math.min(leastMs, mostMs), mostMs };
}

async function send(
  address: string,
  step: SequenceStep,
  leastMs: number,
  mostMs: number,
  io: WalkIo,
  signal: AbortSignal,
): Promise<Sent> {
  const bytes = step.length?.first;
  if (step.protocol === 'icmp') {
    const pinged = await io.ping(address, bytes, Math.min(PING_MS, mostMs), signal);
    if (pinged.kind === 'missing') throw pingMissing();
    return pinged.kind === 'failed' ? { code: `ping: ${pinged.said}` } : { isLate: true };
  }
  const windowMs = Math.min(leastMs, LONGEST_ATTEMPT_MS);
  const from = (sport?: number) =>
    step.protocol === 'udp'
      ? sendDatagram(address, step.port, bytes ?? 0, sport, io)
      : sendSyn(address, step.port, windowMs, sport, io, signal);
  if (step.sport === undefined) return { code: await from() };
  const last = Math.min(step.sport.last, step.sport.first + MOST_SOURCE_PORTS - 1);
  for (let sport = step.sport.first; ; sport++) {
    const code = await from(sport);
    if (code === undefined || !SOURCE_PORT_CODES.includes(code)) return { code };
    if (sport === last) throw sourcePortRefused(step, code);
  }
}

async function sendDatagram(
  address: string,
  port: number,
  bytes: number,
  from: number | undefined,
  { openRoute }: WalkIo,
): Promise<string | undefined> {
  let route: UdpRoute | undefined;
  try {
    route = await openRoute(address, port, from);
    await route.send(new Uint8Array(bytes));
    return undefined;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return code;
  } finally {
    route?.close();
  }
}

async function sendSyn(
  address: string,
  port: number,
  windowMs: number,
  from: number | undefined,
  { probe }: WalkIo,
  signal: AbortSignal,
): Promise<string | undefined> {
  const probed = await probe(address, port, windowMs, signal, from);
  // Somebody listens there: the SYN was heard all the same. A reset leaves the source port free for the next try.
  if (probed.kind === 'open' && from !== undefined) probed.socket.resetAndDestroy();
  else if (probed.kind === 'open') probed.socket.destroy();
  return probed.kind === 'unreachable' && probed.code !== MAY_BE_AN_ANSWER ? probed.code : undefined;
}
