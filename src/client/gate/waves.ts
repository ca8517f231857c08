import type { PairKeys } from '../../spa/outer.ts';
import { MOST_EARLIER } from '../../spa/payload.ts';
import { Departures } from '../network/departures.ts';
import { type KnockWay, openWay, type Sent, sendOn } from './knock.ts';
import type { KnockIo } from './knock-io.ts';
import { placeText } from './known-places.ts';
import type { Wanted } from './ledger-state.ts';
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
  /** Tags of the waves that are out, the newest first. */
  tags: readonly Uint8Array[];
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { knocks: 0, knockPorts: new Set(), tags: [] };
}

/** Client, gate and clock of a knock. */
export interface Knocking {
  readonly pair: PairKeys;
  /** Correction that is added to our time, in milliseconds. */
  readonly clockOffsetMs: number;
}

/** One knock of a wave. */
export type Knocked = Sent & {
  readonly address: string;
  /** Whether an address-bound tag was all that was sent: a gate that does not know the address drops it. */
  readonly isBoundAlone: boolean;
  /** Whether it claims an address that a server told us. */
  readonly isTold: boolean;
};

/**
 * Sends one wave: a message of its own to each address and port, all at once.
 * @param wave the count of this wave, from 0
 * @returns one result for each address and port; fewer when the single-use places run out, then nothing went to the rest
 */
export async function sendWave(
  target: Target,
  addresses: readonly string[],
  ports: readonly number[],
  wave: number,
  { pair, clockOffsetMs }: Knocking,
  io: KnockIo,
  tally: Tally,
): Promise<Knocked[]> {
  const destinations = ports.flatMap((port) => addresses.map((address) => ({ address, port })));
  // A told address may be another by now: later waves claim nothing behind a NAT.
  const isFirst = wave % WAVES === 0 && tally.tags.length === 0;
  const toldAddress = (local: string) => (isFirst ? io.ledger.toldAddress(pair, local) : undefined);
  const ways = await Promise.all(destinations.map((to) => openWay(to, target.claimSource, io.openRoute, toldAddress)));
  try {
    const wanted = ways.flatMap((way) => (way.ok ? messagesFor(way, wave, isFirst, pair, io) : []));
    const messages = await io.ledger.takeSlots(pair, target.slots, wanted, clockOffsetMs);
    const timestamp = Math.round(io.clock.wallMs() + clockOffsetMs);
    const { ports: asked, action, duration } = target;
    const earlier = tally.tags.slice(0, MOST_EARLIER);
    const ask = { ports: asked, action, duration, timestamp, earlier };
    const sent = await Promise.all(
      messages.map(async (message) => ({
        message,
        result: await sendOn(io.crypto, pair, message, ask, message.way),
      })),
    );
    const tags = sent.flatMap(({ result }) => (result.ok ? [result.tag] : []));
    tally.tags = [...tags, ...tally.tags];
    tally.knocks += tags.length;
    return ways.flatMap((way) => {
      const { address, port } = way.to;
      if (!way.ok) return [{ ok: false, code: way.code, address, isBoundAlone: false, isTold: false }];
      const here = sent.filter(({ message }) => message.way === way);
      const [first] = here;
      if (first === undefined) return [];
      if (first.result.ok) tally.knockPorts.add(port);
      const isBoundAlone = here.every(({ message }) => message.kind === 'bound');
      return [{ ...first.result, address, isBoundAlone, isTold: way.isTold }];
    });
  } finally {
    for (const way of ways) if (way.ok) way.route.close();
  }
}

/**
 * The messages for one address and port. The first wave has an address-bound tag where the gate knows our address, since its kernel
 * opens to that at once; where that failed before, an ordinary one too. Later waves have ordinary ones, in case the gate has forgotten
 * the address; the third also a bound one, in case its daemon is dead and the first was lost.
 */
function messagesFor(
  way: KnockWay & { readonly ok: true },
  wave: number,
  isFirst: boolean,
  pair: PairKeys,
  { ledger }: KnockIo,
): (Wanted & { readonly way: KnockWay & { readonly ok: true } })[] {
  const ordinary = { way, boundTo: undefined };
  const place = way.source && placeText(way.source);
  const knowledge = place === undefined ? 'unknown' : ledger.knowledgeOf(pair, place);
  if (knowledge === 'unknown' || wave % 2 === 1) return [ordinary];
  if (knowledge === 'known' && isFirst) return [{ way, boundTo: place }];
  return [ordinary, { way, boundTo: place, isSpare: true }];
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
    await sendWave(target, addresses, portsOfWave(target, wave), wave, knocking, io, tally);
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
