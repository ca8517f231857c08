import { Departures } from '../network/departures.ts';
import { type Waited, waitForPort } from '../network/wait.ts';
import { noRoute, slotsExhausted } from '../problems.ts';
import { meanwhile } from '../run-beside.ts';
import type { KnockIo } from './knock-io.ts';
import type { Target } from './target.ts';
import {
  addressesOfWave,
  type Knocked,
  type Knocking,
  laterWaves,
  portsOfWave,
  sendLaterWaves,
  sendWave,
  type Tally,
} from './waves.ts';

/** How long to knock, and what to wait for. */
export interface Patience {
  /** From the first wave on. */
  readonly timeoutMs: number;
  /** The count of the one wave that is sent; undefined for all of them. */
  readonly onlyWave: number | undefined;
  /** The addresses to wait for ahead of the others. */
  readonly ahead: Promise<readonly string[]>;
  /** Called when every knock of the first wave is out and has an address-bound tag alone. */
  readonly onBoundSent?: (() => void) | undefined;
}

/** The result of knocking with one clock. */
export interface Awaited {
  /** When the first wave was out, by the monotonic clock. */
  readonly startedMs: number;
  /** The messages of the first wave. */
  readonly sent: readonly Knocked[];
  /** How many waves followed. */
  readonly laterWaves: number;
  readonly addresses: readonly string[];
  /** Undefined where no TCP port tells whether it opened, and when the signal has aborted. */
  readonly waited: Waited | undefined;
}

/**
 * Knocks in waves, all of which tell the time by one correction of our clock, and waits for the port.
 * @throws Problem `no-route`, `slots-exhausted`
 */
export async function knockWithClock(
  target: Target,
  knocking: Knocking,
  { timeoutMs, onlyWave, ahead, onBoundSent }: Patience,
  io: KnockIo,
  tally: Tally,
  signal: AbortSignal,
): Promise<Awaited> {
  const to = addressesOfWave(target, onlyWave);
  const wave = onlyWave ?? 0;
  const sent = await sendWave(target, to, portsOfWave(target, wave), wave, knocking, io, tally);
  const startedMs = io.clock.monotonicMs();
  const addresses = reached(sent, target);
  if (sent.every((knocked) => knocked.ok && knocked.isBoundAlone && !knocked.isTold)) onBoundSent?.();
  const departures = onlyWave === undefined ? laterWaves(startedMs) : new Departures([]);
  const later = (until: AbortSignal) => sendLaterWaves(target, addresses, knocking, departures, io, tally, until);
  const port = target.probePort;
  if (port === undefined) {
    await later(signal);
    return { startedMs, sent, laterWaves: departures.count, addresses, waited: undefined };
  }
  const reachedAhead = (await ahead).filter((address) => addresses.includes(address));
  const deadlineMs = startedMs + timeoutMs;
  const wait = (until: AbortSignal) =>
    waitForPort(addresses, port, deadlineMs, io, until, { ahead: reachedAhead, departures });
  const waited = await meanwhile(signal, later, wait);
  const isOver = signal.aborted && waited.kind !== 'open';
  return { startedMs, sent, laterWaves: departures.count, addresses, waited: isOver ? undefined : waited };
}

/** The addresses that the first wave could be sent to: only they are worth waiting for. */
function reached(first: readonly Knocked[], target: Target): string[] {
  const addresses = first.flatMap((knocked) => (knocked.ok ? [knocked.address] : []));
  if (addresses.length > 0) return addresses;
  if (first.length === 0) throw slotsExhausted(target.name, target.slots);
  const codes = first.flatMap((knocked) => (knocked.ok ? [] : [knocked.code]));
  throw noRoute(target.name, target.addresses, codes);
}
