import { familyOf } from '../../base/addresses.ts';
import type { FwknopCrypto } from '../../fwknop/crypto.ts';
import type { FwknopSecrets } from '../../fwknop/key-file.ts';
import type { Clock } from '../../os/clock.ts';
import type { KnockResult } from '../gate/knock-and-wait.ts';
import { knockUntilOpen } from '../knock-until-open.ts';
import { findAddresses } from '../network/find-addresses.ts';
import type { Resolve } from '../network/resolve.ts';
import type { Probe } from '../network/wait.ts';
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
  const to = host.command === undefined ? ofIPv4 : ofIPv4.slice(0, 1);
  const knocking = {
    name: host.name,
    addresses: to,
    send: (address: string) =>
      sendFwknopKnock(host, secrets, address, host.user ?? fitting(user), io.clock.wallMs(), io),
    againAtMs: AGAIN_AT_MS,
    probePort,
    timeoutMs,
    sourceClaimed: host.source !== 'seen',
    noAnswer: (port: number, seconds: number) =>
      fwknopNoAnswer(host.name, to, host.knockPort, port, seconds, host.mode === GPG_MODE),
  };
  return await knockUntilOpen(knocking, io, signal);
}
