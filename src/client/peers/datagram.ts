import type { Address } from '../../base/addresses.ts';
import { formatAddress } from '../../base/addresses.ts';
import type { Phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { provingPort } from '../hosts/proving-port.ts';
import { type Open, type OpenIo, type SharedKeys, USUAL_OPEN_MS } from '../hosts/server-kind.ts';
import { knockUntilOpen } from '../knock-until-open.ts';
import { findAddresses } from '../network/find-addresses.ts';
import { ownSource } from '../network/own-source.ts';
import type { NamedSource, PeerFields } from './fields.ts';
import { peerNoAnswer, peerSourceUnknown } from './problems.ts';

/** Times of the repeated datagrams: one may be lost, and the server may run a program before it opens. */
const AGAIN_AT_MS = [1000, 3000];

/** A server that opens to one datagram, which names the address to let in. */
export interface DatagramServer {
  readonly host: Pick<PeerFields, 'name' | 'address' | 'ports' | 'source'>;
  /** Name of its program, for errors. */
  readonly program: string;
  readonly knockPort: number;
  /** Addresses of its name that can be knocked at. Throws a Problem when there are none. */
  readonly usable?: (found: readonly string[]) => readonly string[];
  /**
   * Makes the datagrams of one knock.
   * @param source address to let in
   * @param wallMs unix milliseconds
   * @param attempt 0 for the first knock
   */
  readonly make: (source: Address, wallMs: number, attempt: number, ports: readonly RequestedPort[]) => Uint8Array[];
  /** Causes of a port that stays shut, in the order worth checking. */
  readonly causes: (source: string) => readonly Phrase[];
}

/** Knocks at such a server, and waits until the port opens. */
export function openByDatagram(server: DatagramServer, io: OpenIo): Open {
  const { host, program, knockPort, usable, make, causes } = server;
  return async ({ sshPort, timeoutMs, ports = host.ports }, signal) => {
    const startedMs = io.clock.wallMs();
    const found = await findAddresses(host.name, [host.address], io, signal);
    const addresses = usable?.(found) ?? found;
    let named = '';
    const send = async (address: string, attempt: number) => {
      const route = await io.openRoute(address, knockPort);
      try {
        const source = sourceFor(host.name, host.source, route.localAddress, address);
        named = formatAddress(source);
        for (const datagram of make(source, io.clock.wallMs(), attempt, ports)) await route.send(datagram);
      } finally {
        route.close();
      }
    };
    const knocking = {
      name: host.name,
      addresses,
      send,
      againAtMs: AGAIN_AT_MS,
      probePort: provingPort(ports, sshPort),
      timeoutMs,
      sourceClaimed: true,
      noAnswer: (port: number, seconds: number) =>
        peerNoAnswer({ host: host.name, program, addresses, knockPort, port, seconds }, causes(named)),
    };
    const result = await knockUntilOpen(knocking, io, signal);
    return { result, untilMs: startedMs + USUAL_OPEN_MS };
  };
}

function sourceFor(host: string, source: NamedSource, local: string, server: string): Address {
  const named = source === 'own' ? ownSource(local, server) : source;
  if (named === undefined) throw peerSourceUnknown(host, local);
  return named;
}

/**
 * Text of a secret. That of a file has a character for each byte, and is UTF-8.
 * @returns undefined when it is not UTF-8
 */
export function secretText({ text, file }: SharedKeys): string | undefined {
  if (file === undefined) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(text, (byte) => byte.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
