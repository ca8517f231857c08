import type { FwknopHost } from '../fwknop/host.ts';
import type { Host } from '../gate/host.ts';
import type { KnockResult } from '../gate/knock-and-wait.ts';
import type { SequenceHost } from '../sequence/host.ts';

/** A host of any kind that can be knocked at, told apart by `kind`. */
export type AnyHost = Host | FwknopHost | SequenceHost;

/** A host that speaks something else than our own message. */
export type OtherHost = Exclude<AnyHost, Host>;

/** Where a host is knocked at: addresses and names, as they are configured. */
export function placesOf(
  host: Pick<Host, 'kind' | 'address' | 'gate'> | Pick<OtherHost, 'kind' | 'address'>,
): readonly string[] {
  if (host.kind === 'gate' && host.address === undefined) return host.gate.addresses;
  return host.address === undefined ? [] : [host.address];
}

/** Whether a host and this device share keys; a gate of ours knows a public key, and a fixed sequence takes none. */
export function sharesKeys(host: AnyHost): host is OtherHost {
  return host.kind === 'fwknop' || (host.kind === 'sequence' && host.sequence.kind === 'one-time');
}

/**
 * Knocks at a host that speaks something else than our own message, and waits until it opens.
 * @throws Problem, those of its kind; `cancelled`
 */
export type OpenOther = (opening: OtherOpening, signal: AbortSignal) => Promise<OtherOpened>;

export interface OtherOpening {
  /** Where ssh will connect; undefined when that is not known. */
  readonly sshPort: number | undefined;
  /** Knock even when it is open from before. */
  readonly force: boolean;
}

export interface OtherOpened {
  readonly result: KnockResult;
  /** How long new connections are let in from the knock on, in milliseconds, as far as can be told from here. */
  readonly openMs: number;
}

/** The TCP port that shows whether a host has opened: where ssh will connect, when that is among what is asked for. */
export function portToWaitFor({ ports }: OtherHost, sshPort: number | undefined): number | undefined {
  const asked = ports.flatMap(({ protocol, port }) => (protocol === 'tcp' ? [port] : []));
  return asked.find((port) => port === sshPort) ?? asked[0];
}
