import type { PairKeys } from '../../spa/outer.ts';
import type { KnockIo } from '../gate/knock-io.ts';
import type { Target } from '../gate/target.ts';
import { emptyTally, sendWave, type Tally } from '../gate/waves.ts';
import { type Waited, waitForPort } from '../network/wait.ts';

/** The result of the knocks at one port. */
export interface PortTried {
  readonly port: number;
  /** Error codes of the system, when no knock could be sent. */
  readonly codes: readonly string[];
  /** Addresses that were knocked at. */
  readonly sentTo: readonly string[];
  /** Result of waiting; undefined when nothing was sent. */
  readonly waited: Waited | undefined;
  /** Datagrams sent. */
  readonly knocks: number;
  /** Milliseconds from the first knock to the answer. */
  readonly afterMs: number;
}

/** Knocks at each port, since one may be lost; and the milliseconds between them. */
const KNOCKS = 2;
const WAIT_MS = 800;
/** Count of a wave that has an ordinary tag in any case: whether the gate knows our address is not the question. */
const WITH_BOTH_TAGS = 2;

/**
 * Knocks at each port by itself, in the order of preference, until the host's port opens or is refused.
 * @returns the result of each; nothing for a port when the single-use places have run out
 */
export async function tryPorts(
  target: Target & { readonly probePort: number },
  addresses: readonly string[],
  pair: PairKeys,
  io: KnockIo,
  signal: AbortSignal,
): Promise<PortTried[]> {
  const tried: PortTried[] = [];
  const tally = emptyTally();
  for (const port of target.knockPorts) {
    tally.knocks = 0;
    const one = await tryPort(port, target, addresses, tally, pair, io, signal);
    if (one === undefined) return tried;
    tried.push(one);
    if (signal.aborted || one.waited?.kind === 'open' || one.waited?.kind === 'refused') return tried;
  }
  return tried;
}

async function tryPort(
  port: number,
  target: Target & { readonly probePort: number },
  addresses: readonly string[],
  tally: Tally,
  pair: PairKeys,
  io: KnockIo,
  signal: AbortSignal,
): Promise<PortTried | undefined> {
  const startedMs = io.clock.monotonicMs();
  const elapsed = () => io.clock.monotonicMs() - startedMs;
  // With several corrections the first one is used: the step about the clock tries the others.
  const [clockOffsetMs = 0] = io.ledger.clocks(pair, target.name);
  let waited: Waited | undefined;
  let sentTo: string[] = [];
  for (let knock = 0; knock < KNOCKS; knock++) {
    const sent = await sendWave(target, addresses, [port], WITH_BOTH_TAGS, { pair, clockOffsetMs }, io, tally);
    if (sent.length === 0) break;
    sentTo = sent.flatMap((each) => (each.ok ? [each.address] : []));
    const codes = sent.flatMap((each) => (each.ok ? [] : [each.code]));
    if (sentTo.length === 0)
      return { port, codes, sentTo, waited: undefined, knocks: tally.knocks, afterMs: elapsed() };
    waited = await waitForPort(sentTo, target.probePort, io.clock.monotonicMs() + WAIT_MS, io, signal);
    if (waited.kind === 'open' || signal.aborted) break;
  }
  return waited && { port, codes: [], sentTo, waited, knocks: tally.knocks, afterMs: elapsed() };
}
