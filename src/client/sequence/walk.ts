import type { RequestedPort } from '../../base/ports.ts';
import type { Clock } from '../../os/clock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { OpenUdpRoute, UdpRoute } from '../network/udp.ts';
import type { Probe } from '../network/wait.ts';

export interface WalkIo {
  readonly clock: Clock;
  readonly openRoute: OpenUdpRoute;
  /** A connection attempt sends a SYN. */
  readonly probe: Probe;
}

/** A datagram that says nothing, as knock(1) sends it. */
const NOTHING = new Uint8Array(0);
/** A system sends its SYN again after a second: by then it would be a packet out of turn. */
const LONGEST_ATTEMPT_MS = 900;
/** A firewall may answer so to a packet that was heard. */
const MAY_BE_AN_ANSWER = 'EHOSTUNREACH';

/**
 * Sends one packet to each port in turn, and waits after each, the last included: what is sent next could overtake it.
 * @param address literal
 * @param delayMs from one step to the next
 * @returns the system's error code when a packet could not be sent; undefined also when the signal aborts
 */
export async function walkSteps(
  address: string,
  steps: readonly RequestedPort[],
  delayMs: number,
  io: WalkIo,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { protocol, port } of steps) {
    if (signal.aborted) return undefined;
    const untilMs = io.clock.monotonicMs() + delayMs;
    const windowMs = Math.min(delayMs, LONGEST_ATTEMPT_MS);
    const code =
      protocol === 'udp' ? await sendDatagram(address, port, io) : await sendSyn(address, port, windowMs, io, signal);
    if (code !== undefined) return code;
    const restMs = untilMs - io.clock.monotonicMs();
    if (restMs > 0) await io.clock.sleep(restMs, signal);
  }
  return undefined;
}

async function sendDatagram(address: string, port: number, { openRoute }: WalkIo): Promise<string | undefined> {
  let route: UdpRoute | undefined;
  try {
    route = await openRoute(address, port);
    await route.send(NOTHING);
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
  { probe }: WalkIo,
  signal: AbortSignal,
): Promise<string | undefined> {
  const probed = await probe(address, port, windowMs, signal);
  // Somebody listens there: the SYN was heard all the same.
  if (probed.kind === 'open') probed.socket.destroy();
  return probed.kind === 'unreachable' && probed.code !== MAY_BE_AN_ANSWER ? probed.code : undefined;
}
