import type { PairKeys } from '../../spa/outer.ts';
import { Departures } from '../network/departures.ts';
import { type Sent, sendKnock } from './knock.ts';
import type { KnockIo } from './knock-io.ts';
import type { Target } from './target.ts';

/** When each wave of knocks goes out, in milliseconds after the first. */
const WAVES_AT_MS = [0, 250, 750, 1750];
/** How many there are. */
export const WAVES = WAVES_AT_MS.length;

/** Packets that were sent so far. */
export interface Tally {
  /** Datagrams. */
  knocks: number;
  readonly knockPorts: Set<number>;
}

/** Client, gate and clock of a knock. */
export interface Knocking {
  readonly pair: PairKeys;
  /** Correction that is added to our time, in milliseconds. */
  readonly clockOffsetMs: number;
}

/** One knock of a wave. */
export type Knocked = Sent & { readonly address: string };

/**
 * Sends one wave: a message of its own to each address and port, all at once.
 * @returns one result for each message; fewer when the single-use places run out, then nothing went to the rest
 */
export async function sendWave(
  target: Target,
  addresses: readonly string[],
  ports: readonly number[],
  { pair, clockOffsetMs }: Knocking,
  io: KnockIo,
  tally: Tally,
): Promise<Knocked[]> {
  const destinations = ports.flatMap((port) => addresses.map((address) => ({ address, port })));
  const places = await io.ledger.takeSlots(pair, target.slots, destinations.length, clockOffsetMs);
  const timestamp = Math.round(io.clock.wallMs() + clockOffsetMs);
  const { ports: asked, action, duration, claimSource } = target;
  const ask = { ports: asked, action, duration, claimSource, timestamp };
  return Promise.all(
    places.map(async (place, i) => {
      const to = destinations[i];
      if (to === undefined) throw new RangeError('more places than were asked for');
      const sent = await sendKnock(io.crypto, pair, place, ask, to, io.openRoute);
      if (sent.ok) {
        tally.knocks++;
        tally.knockPorts.add(to.port);
      }
      return { ...sent, address: to.address };
    }),
  );
}

/**
 * When the later waves leave, in case a knock was lost or its port is blocked.
 * @param startedMs of the first wave, by the monotonic clock
 */
export function laterWaves(startedMs: number): Departures {
  return new Departures(WAVES_AT_MS.slice(1).map((atMs) => startedMs + atMs));
}

/** Sends the waves that are still to leave, until the last is out or the signal aborts. */
export async function sendLaterWaves(
  target: Target,
  addresses: readonly string[],
  knocking: Knocking,
  departures: Departures,
  io: KnockIo,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  for (let wave = 1; departures.nextDueMs !== undefined; wave++) {
    await io.clock.sleep(Math.max(0, departures.nextDueMs - io.clock.monotonicMs()), signal);
    if (signal.aborted) return;
    await sendWave(target, addresses, portsOfWave(target, wave), knocking, io, tally);
    departures.leave();
  }
}

/** One of many knocks comes every three seconds at the most, and an epoch has thirty. */
const KNOCKS_AN_EPOCH = 10;

/**
 * Where a wave goes: everywhere; but one of many knocks, each of which is a wave, only to so many of the addresses that the gate's
 * single-use tags last, and the next one goes to the next addresses in turn.
 * @param onlyWave the count of such a knock
 */
export function addressesOfWave({ addresses, slots }: Target, onlyWave: number | undefined): readonly string[] {
  const most = Math.max(2, Math.floor(slots / KNOCKS_AN_EPOCH));
  if (onlyWave === undefined || addresses.length <= most) return addresses;
  const first = (onlyWave * most) % addresses.length;
  return [...addresses, ...addresses].slice(first, first + most);
}

/**
 * Each wave takes the next knock port in turn, the first the preferred one; the last takes all that are still left.
 * @param count of the wave, from 0; what comes after the last begins anew
 */
export function portsOfWave({ knockPorts }: Target, count: number): readonly number[] {
  const last = WAVES - 1;
  const wave = count % WAVES;
  if (wave === last && knockPorts.length > last) return knockPorts.slice(last);
  return knockPorts.slice(wave % knockPorts.length).slice(0, 1);
}
