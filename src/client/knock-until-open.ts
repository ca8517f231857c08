import type { Clock } from '../os/clock.ts';
import { systemErrorCode } from '../os/system-error.ts';
import type { KnockResult } from './gate/knock-and-wait.ts';
import { type Probe, waitForPort } from './network/wait.ts';
import { cancelled, noRoute } from './problems.ts';
import { meanwhile } from './run-beside.ts';

/** A knock of single packets, at a server that never answers. */
export interface Knocking {
  /** Name of the host, for errors. */
  readonly name: string;
  /** Literal addresses; one at least. */
  readonly addresses: readonly string[];
  /**
   * Sends one knock to an address. Rejects with the system's error when it cannot be sent, or with a Problem.
   * @param attempt 0 for the first knock, then counted up
   */
  readonly send: (address: string, attempt: number) => Promise<void>;
  /** Times of the repeated knocks, in milliseconds after the first: a packet may be lost. */
  readonly againAtMs: readonly number[];
  /** TCP port that shows whether the server has opened; undefined when only UDP is opened. */
  readonly probePort: number | undefined;
  readonly timeoutMs: number;
  /** Whether knocks name the address to let in. */
  readonly sourceClaimed: boolean;
  /** The problem when the port stays shut. */
  readonly noAnswer: (probePort: number, seconds: number) => unknown;
}

interface KnockingIo {
  readonly clock: Clock;
  readonly probe: Probe;
}

/**
 * Knocks at every address, again after a while, and waits until the port opens.
 * @throws Problem `no-route`, `cancelled`; what `send` rejects with, and `noAnswer`
 */
export async function knockUntilOpen(knocking: Knocking, io: KnockingIo, signal: AbortSignal): Promise<KnockResult> {
  const { name, addresses, againAtMs, probePort, timeoutMs, sourceClaimed } = knocking;
  const startedMs = io.clock.monotonicMs();
  const reached = new Set<string>();
  let knocks = 0;
  const knock = async (address: string, attempt: number) => {
    await knocking.send(address, attempt);
    reached.add(address);
    knocks += 1;
  };
  const sending = addresses.map((address) => knock(address, 0));
  try {
    // Over TCP a dead address takes minutes to fail: the others do not wait for it.
    await Promise.any(sending);
  } catch (error) {
    throw noneSent(name, addresses, error);
  }
  if (probePort === undefined) {
    await Promise.allSettled(sending);
    return { kind: 'sent', addresses: [...reached], knocks };
  }
  const again = async (until: AbortSignal) => {
    for (const [i, atMs] of againAtMs.entries()) {
      await io.clock.sleep(Math.max(0, startedMs + atMs - io.clock.monotonicMs()), until);
      if (until.aborted) return;
      // One packet was sent: whatever stops the others, the wait goes on.
      for (const address of addresses) knock(address, i + 1).catch(() => {});
    }
  };
  const deadlineMs = startedMs + timeoutMs;
  const waited = await meanwhile(signal, again, (until) => waitForPort(addresses, probePort, deadlineMs, io, until));
  const elapsedMs = io.clock.monotonicMs() - startedMs;
  if (waited.kind === 'open') return { ...waited, afterMs: elapsedMs, knocks, sourceClaimed };
  if (signal.aborted) throw cancelled(name);
  if (waited.kind === 'unreachable') throw noRoute(name, addresses, waited.codes);
  throw knocking.noAnswer(probePort, elapsedMs / 1000);
}

/** Error for a knock that could not be sent: a fault of the host or its keys, or else a missing route. */
function noneSent(name: string, addresses: readonly string[], error: unknown): unknown {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const other = errors.find((each) => systemErrorCode(each) === undefined);
  return (
    other ??
    noRoute(
      name,
      addresses,
      errors.flatMap((each) => systemErrorCode(each) ?? []),
    )
  );
}
