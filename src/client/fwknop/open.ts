import { familyOf } from '../../base/addresses.ts';
import type { FwknopCrypto } from '../../fwknop/crypto.ts';
import type { FwknopSecrets } from '../../fwknop/key-file.ts';
import type { Clock } from '../../os/clock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { KnockResult } from '../gate/knock-and-wait.ts';
import { findAddresses } from '../network/find-addresses.ts';
import type { Resolve } from '../network/resolve.ts';
import { type Probe, waitForPort } from '../network/wait.ts';
import { cancelled, noRoute } from '../problems.ts';
import { meanwhile } from '../run-beside.ts';
import type { GpgSecrets } from './gpg-secrets.ts';
import { type FwknopHost, GPG_MODE } from './host.ts';
import { type FwknopSendIo, sendFwknopKnock } from './knock.ts';
import { fwknopNoAnswer, onlyIPv6 } from './problems.ts';

/**
 * Times of the repeated packets, since one may be lost. fwknopd looks for packets every tenth of a second, and needs some more for
 * its rule.
 */
const AGAIN_AT_MS = [1000, 3000];

/** Everything that reaches outside. */
export interface FwknopIo extends FwknopSendIo {
  readonly crypto: FwknopCrypto;
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly probe: Probe;
}

/** Makes a name of this system fit for fwknop. */
const fitting = (name: string) => name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 48) || 'user';

export interface FwknopOpening {
  /** Name that packets give, unless the host has one. */
  readonly user: string;
  /** TCP port that shows whether it is open; undefined when only UDP is asked for. */
  readonly probePort: number | undefined;
  readonly timeoutMs: number;
}

/**
 * Knocks at fwknopd, at each IPv4 address of its name, and waits until the port opens. Each packet is a new one, since each counts
 * only once. A command goes to the first address only: a server with two of them would run it twice.
 * @throws Problem `name-not-found`, `fwknop-only-ipv6`, `fwknop-source-unknown`, `fwknop-packet-too-long`, `fwknop-gpg-key-
 * unusable`, `no-route`, `no-answer`, `cancelled`
 */
export async function openFwknopHost(
  host: FwknopHost,
  secrets: FwknopSecrets | GpgSecrets,
  { user, probePort, timeoutMs }: FwknopOpening,
  io: FwknopIo,
  signal: AbortSignal,
): Promise<KnockResult> {
  const found = await findAddresses(host.name, [host.address], io, signal);
  const ofIPv4 = found.filter((address) => familyOf(address) === 'ipv4');
  if (ofIPv4.length === 0) throw onlyIPv6(host.name, found);
  const startedMs = io.clock.monotonicMs();
  const to = host.command === undefined ? ofIPv4 : ofIPv4.slice(0, 1);
  const reached = new Set<string>();
  let knocks = 0;
  const knock = async (address: string) => {
    await sendFwknopKnock(host, secrets, address, host.user ?? fitting(user), io.clock.wallMs(), io);
    reached.add(address);
    knocks += 1;
  };
  const sending = to.map(knock);
  try {
    // Over TCP a dead address takes minutes to fail: the others do not wait for it.
    await Promise.any(sending);
  } catch (error) {
    throw noneSent(host.name, to, error);
  }
  if (probePort === undefined) {
    await Promise.allSettled(sending);
    return { kind: 'sent', addresses: [...reached], knocks };
  }
  const again = async (until: AbortSignal) => {
    for (const atMs of AGAIN_AT_MS) {
      await io.clock.sleep(Math.max(0, startedMs + atMs - io.clock.monotonicMs()), until);
      if (until.aborted) return;
      // One packet was sent: whatever stops the others, the wait goes on.
      for (const address of to) knock(address).catch(() => {});
    }
  };
  const deadlineMs = startedMs + timeoutMs;
  const waited = await meanwhile(signal, again, (until) => waitForPort(to, probePort, deadlineMs, io, until));
  const elapsedMs = io.clock.monotonicMs() - startedMs;
  if (waited.kind === 'open') return { ...waited, afterMs: elapsedMs, knocks, sourceClaimed: host.source !== 'seen' };
  if (signal.aborted) throw cancelled(host.name);
  if (waited.kind === 'unreachable') throw noRoute(host.name, to, waited.codes);
  throw fwknopNoAnswer(host.name, to, host.knockPort, probePort, elapsedMs / 1000, host.mode === GPG_MODE);
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
