import { type Phrase, phrase } from '../../base/phrase.ts';
import type { PairKeys } from '../../spa/outer.ts';
import { MOST_EARLIER } from '../../spa/payload.ts';
import { epochAt, SLOTS, type TagSlot } from '../../spa/tags.ts';
import { sendKnock } from '../gate/knock.ts';
import type { KnockIo } from '../gate/knock-io.ts';
import type { Target } from '../gate/target.ts';
import { waitForPort } from '../network/wait.ts';
import type { Way } from './way.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Minutes to try: a gate accepts a minute, so that steps of two minutes leave no gap. Clocks drift that far. */
const MINUTES = [2, 4, 6, 8, 10].map((minutes) => minutes * MINUTE_MS);
/** Hours to try: a clock that is set to local time, as by another system on the same computer, is off by whole hours. */
const HOURS = Array.from({ length: 14 }, (_, i) => (i + 1) * HOUR_MS);
const WAIT_MS = 180;
/** Seconds to ask for: long enough to see that it opened. */
const GRANT_SECONDS = 5;

/** Time that a gate has opened to. */
export interface ClockFound {
  /** Milliseconds that the gate's clock is ahead of ours, give or take a minute. */
  readonly offsetMs: number;
  /** Slots of the messages that showed it. */
  readonly spent: readonly TagSlot[];
}

/**
 * Knocks with other times than the clock's, to see whether the clocks of client and gate differ by a likely amount. It sends no
 * time in the future: anybody who records such a knock can use it then. A network can even hand us an address that somebody has
 * elsewhere, so claiming our source would not prevent it.
 * @returns undefined when it opened to none
 */
export async function tryClocks(
  target: Target & { readonly probePort: number },
  ways: readonly (Way & { readonly ok: true })[],
  pair: PairKeys,
  io: KnockIo,
  signal: AbortSignal,
): Promise<ClockFound | undefined> {
  const [knownMs = 0, ...others] = io.ledger.clocks(pair, target.name);
  const addresses = ways.map(({ address }) => address);
  let earlier: readonly Uint8Array[] = [];
  for (const offsetMs of offsetsFrom(knownMs, others)) {
    if (offsetMs > Math.max(0, knownMs)) continue;
    if (signal.aborted) return undefined;
    const { spent, tags } = await knockAt(offsetMs, earlier, target, addresses, pair, io);
    earlier = [...tags, ...earlier].slice(0, MOST_EARLIER);
    const deadlineMs = io.clock.monotonicMs() + WAIT_MS;
    const waited = await waitForPort(addresses, target.probePort, deadlineMs, io, signal);
    if (waited.kind !== 'open') continue;
    waited.socket.destroy();
    return { offsetMs, spent };
  }
  return undefined;
}

/** Offsets to try, without the one that was just tried: known ones first, as the clock may have been set right since. */
function offsetsFrom(knownMs: number, others: readonly number[]): number[] {
  const around = [...MINUTES, ...HOURS].flatMap((size) => [knownMs - size, knownMs + size]);
  return [...new Set([...others, ...around])];
}

async function knockAt(
  offsetMs: number,
  earlier: readonly Uint8Array[],
  target: Target,
  addresses: readonly string[],
  pair: PairKeys,
  io: KnockIo,
): Promise<{ readonly spent: TagSlot[]; readonly tags: Uint8Array[] }> {
  const timestamp = Math.round(io.clock.wallMs() + offsetMs);
  const { ports, claimSource } = target;
  const ask = { ports, claimSource, duration: GRANT_SECONDS, timestamp, earlier };
  const [port = 0] = target.knockPorts;
  // The ledger does not keep account of these epochs: any of the low slots will do, and the next address takes the next one.
  const [drawn = 0] = io.crypto.randomBytes(1);
  const first = drawn % SLOTS.least;
  const spent: TagSlot[] = [];
  const tags: Uint8Array[] = [];
  for (const [i, address] of addresses.entries()) {
    const slot: TagSlot = { kind: 'ordinary', epoch: epochAt(timestamp), slot: (first + i) % target.slots };
    spent.push(slot);
    const sent = await sendKnock(io.crypto, pair, slot, ask, { address, port }, io.openRoute);
    if (sent.ok) tags.push(sent.tag);
  }
  return { spent, tags };
}

/** Describes the gate's clock: `about 2 minutes behind ours`. */
export function offsetInWords(offsetMs: number): Phrase {
  if (offsetMs === 0) return phrase('the same as ours');
  const size = Math.abs(offsetMs);
  const isBehind = offsetMs < 0;
  if (size >= HOUR_MS) {
    const hours = Math.round(size / HOUR_MS);
    return isBehind ? phrase('about {0} h behind ours', hours) : phrase('about {0} h ahead of ours', hours);
  }
  const minutes = Math.round(size / MINUTE_MS);
  return isBehind ? phrase('about {0} min behind ours', minutes) : phrase('about {0} min ahead of ours', minutes);
}
