import { type Family, familyOf } from '../../base/addresses.ts';
import { oneTimeSequence, timeStepAt } from '../../sequence/one-time.ts';
import type { SequenceStep } from '../../sequence/step.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import type { KnockResult } from '../gate/knock-and-wait.ts';
import { findAddresses } from '../network/find-addresses.ts';
import type { Resolve } from '../network/resolve.ts';
import { type Waited, waitForPort } from '../network/wait.ts';
import { cancelled, noRoute } from '../problems.ts';
import { faultOfSending } from './can-send.ts';
import type { SequenceHost } from './host.ts';
import { noAddressOfFamily, sequenceNoAnswer, stepNotSent } from './problems.ts';
import { type WalkIo, walkSteps } from './walk.ts';

/** Everything that reaches outside. */
export interface SequenceIo extends WalkIo {
  readonly crypto: Pick<CryptoProvider, 'hmacSha256'>;
  readonly resolve: Resolve;
  readonly platform: NodeJS.Platform;
}

export interface SequenceOpening {
  /** The TCP port that shows whether it is open; undefined when only UDP is opened. */
  readonly probePort: number | undefined;
  /** Knock without looking first whether it is open. */
  readonly force: boolean;
  /** How long to wait behind the first sequence, in milliseconds. */
  readonly timeoutMs: number;
}

/** How long a door that may be open from before is looked at. */
const LOOK_MS = 300;
/** How long is waited behind each sequence, before it is sent again: any packet of it may have been lost. */
const WAITS_MS = [1000, 2000, Number.POSITIVE_INFINITY];
/** A connection attempt that overtakes the last step is a wrong port: it follows a little later. */
const BEHIND_LAST_STEP_MS = 4;
/** Minutes to try, counted from now: a one-time sequence is good for once, so each try takes another one. */
const MINUTES = [0, -1, 1];

/**
 * Knocks by a sequence of ports, and waits until the port opens. Never at the same time: a connection attempt during a sequence
 * is a wrong port, which starts it over.
 * @param key of a one-time sequence, 32 bytes; undefined for a fixed one
 * @throws Problem `step-not-sent`, `name-not-found`, `sequence-no-address`, `no-route`, `no-answer`, `cancelled`; those of `walkSteps`
 */
export async function openSequenceHost(
  host: SequenceHost,
  key: Uint8Array | undefined,
  { probePort, force, timeoutMs }: SequenceOpening,
  io: SequenceIo,
  signal: AbortSignal,
): Promise<KnockResult> {
  for (const step of host.sequence.kind === 'fixed' ? host.sequence.steps : []) {
    const fault = faultOfSending(step, io.platform);
    if (fault !== undefined) throw stepNotSent(host.name, fault);
  }
  const found = await findAddresses(host.name, [host.address], io, signal);
  const addresses = found.filter((address) => host.family === undefined || familyOf(address) === host.family);
  if (addresses.length === 0) throw noAddressOfFamily(host, found);
  const lookedAtMs = io.clock.monotonicMs();
  if (probePort !== undefined && !force) {
    const open = await waitForPort(addresses, probePort, lookedAtMs + LOOK_MS, io, signal);
    if (open.kind === 'open')
      return { ...open, afterMs: io.clock.monotonicMs() - lookedAtMs, knocks: 0, sourceClaimed: false };
  }
  let reached = await walk(host, key, addresses, 0, io, signal);
  if (signal.aborted) throw cancelled(host.name);
  if (probePort === undefined) return { kind: 'sent', addresses: reached, knocks: 1 };
  const startedMs = io.clock.monotonicMs();
  const deadlineMs = startedMs + timeoutMs;
  let waited: Waited = { kind: 'silent' };
  let knocks = 0;
  for (const waitMs of WAITS_MS) {
    if (knocks > 0) reached = await walk(host, key, reached, knocks, io, signal);
    knocks += 1;
    const untilMs = Math.min(deadlineMs, io.clock.monotonicMs() + waitMs);
    await io.clock.sleep(BEHIND_LAST_STEP_MS, signal);
    waited = await waitForPort(reached, probePort, untilMs, io, signal);
    const elapsedMs = io.clock.monotonicMs() - startedMs;
    if (waited.kind === 'open') return { ...waited, afterMs: elapsedMs, knocks, sourceClaimed: false };
    if (signal.aborted) throw cancelled(host.name);
    if (elapsedMs >= timeoutMs) break;
  }
  if (waited.kind === 'unreachable') throw noRoute(host.name, reached, waited.codes);
  const attempt = { addresses: reached, port: probePort, knocks, elapsedMs: io.clock.monotonicMs() - startedMs };
  throw sequenceNoAnswer(host, attempt, io.clock.wallMs());
}

/**
 * Sends the sequence to every address. A source is followed by its address, which is another for each family: the two families
 * go at once. Addresses of one family take turns, since one server may have all of them, and hears only one sequence at a time.
 */
async function walk(
  host: SequenceHost,
  key: Uint8Array | undefined,
  addresses: readonly string[],
  attempt: number,
  io: SequenceIo,
  signal: AbortSignal,
): Promise<string[]> {
  const steps = stepsOf(host, key, attempt, io);
  const codes = new Map<string, string | undefined>();
  const inTurn = async (family: Family) => {
    for (const address of addresses.filter((each) => familyOf(each) === family))
      codes.set(address, await walkSteps(address, steps, host.delayMs, io, signal));
  };
  await Promise.all([inTurn('ipv4'), inTurn('ipv6')]);
  const reached = addresses.filter((address) => codes.get(address) === undefined);
  if (reached.length > 0) return reached;
  throw noRoute(
    host.name,
    addresses,
    addresses.flatMap((address) => codes.get(address) ?? []),
  );
}

function stepsOf(
  { sequence }: SequenceHost,
  key: Uint8Array | undefined,
  attempt: number,
  { crypto, clock }: SequenceIo,
): readonly SequenceStep[] {
  if (sequence.kind === 'fixed') return sequence.steps;
  if (key === undefined) throw new Error('a one-time sequence without its key');
  const timeStep = timeStepAt(clock.wallMs()) + (MINUTES[attempt] ?? 0);
  return oneTimeSequence(crypto, key, sequence.client, timeStep).steps;
}
