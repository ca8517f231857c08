import { type Phrase, phrase } from './phrase.ts';
import { badText } from './problem.ts';

/** IANA protocol numbers of what a gate can hide. */
export const PROTOCOL_NUMBER = { tcp: 6, udp: 17 } as const;
export type Protocol = keyof typeof PROTOCOL_NUMBER;

/** One port asked for. */
export interface RequestedPort {
  readonly protocol: Protocol;
  /** 1 to 65535 */
  readonly port: number;
}

/** A range of ports of one protocol, both ends included: `tcp/22`, `tcp/8000-8100`, `tcp/*`. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/** Notation of ports. A port without a protocol is one of TCP; `*` needs its protocol. */
const PORT_RANGE = /^(?:(tcp|udp)\/)?(?:(?<=\/)(\*)|([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?)$/;

/**
 * Reads `tcp/22`, `udp/51820`, `tcp/8000-8100` or `tcp/*`; `22` and `8000-8100` are of TCP.
 * @throws Problem `bad-text`
 */
export function parsePortRange(text: string, field: Phrase | string = phrase('port')): PortRange {
  const found = PORT_RANGE.exec(text);
  if (found !== null) {
    const protocol = found[1] === 'udp' ? 'udp' : 'tcp';
    if (found[2] === '*') return { protocol, first: 1, last: 65535 };
    const first = Number(found[3]);
    const last = found[4] === undefined ? first : Number(found[4]);
    if (first <= last && last <= 65535) return { protocol, first, last };
  }
  throw badText(field, text, phrase('a port such as "tcp/22", "udp/51820", "tcp/8000-8100" or "tcp/*"'));
}

/**
 * Reads one port, `tcp/22` or `22`.
 * @throws Problem `bad-text`
 */
export function parsePort(text: string, field: Phrase | string = phrase('port')): RequestedPort {
  const range = PORT_RANGE.test(text) ? parsePortRange(text, field) : undefined;
  if (range === undefined || range.first !== range.last)
    throw badText(field, text, phrase('one port such as "tcp/22"'));
  return { protocol: range.protocol, port: range.first };
}

/** Most ports of a message, which counts them in one byte; `knockgate connect` adds the port of ssh to those of the host. */
const MOST_PORTS = 254;

/**
 * Reads the ports that a client asks for, ranges too: `tcp/22`, `udp/60000-60010`. A message names each port of a range.
 * @returns each port as often as it is named
 * @throws Problem `bad-text`
 */
export function parsePorts(texts: readonly string[], field: Phrase | string = phrase('port')): RequestedPort[] {
  const ports: RequestedPort[] = [];
  for (const text of texts) {
    const { protocol, first, last } = parsePortRange(text, field);
    if (ports.length + last - first >= MOST_PORTS)
      throw badText(field, text, phrase('at most {0} ports in all', MOST_PORTS));
    for (let port = first; port <= last; port++) ports.push({ protocol, port });
  }
  return ports;
}

/** `tcp/22`, `tcp/8000-8100` or `tcp/*`. */
export function formatPortRange({ protocol, first, last }: PortRange): string {
  if (first === last) return `${protocol}/${first}`;
  return first === 1 && last === 65535 ? `${protocol}/*` : `${protocol}/${first}-${last}`;
}

/** `tcp/22` */
export function formatPort({ protocol, port }: RequestedPort): string {
  return `${protocol}/${port}`;
}

/** The range of a single port. */
export function rangeOf({ protocol, port }: RequestedPort): PortRange {
  return { protocol, first: port, last: port };
}

/** Whether `outer` holds every port of `inner`. */
export function covers(outer: PortRange, inner: PortRange): boolean {
  return outer.protocol === inner.protocol && outer.first <= inner.first && inner.last <= outer.last;
}

/**
 * Reads a number of a UDP port, 1 to 65535, written without a sign or leading zeros.
 * @throws Problem `bad-text`
 */
export function parsePortNumber(text: string, field: Phrase | string = phrase('port')): number {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw badText(field, text, phrase('a port number from 1 to 65535'));
  return port;
}
