import { type Address, formatAddress, isIPv4, parseAddress } from '../base/addresses.ts';
import type { RequestedPort } from '../base/ports.ts';
import { formatPort } from '../base/ports.ts';
import type { MessageRefusal, NatTarget } from './message.ts';

/** The texts inside a message: `192.0.2.10,tcp/22,udp/53`, `192.0.2.10,command line`, `10.0.0.5,22`. */

/** Stands for the address that the packet comes from. */
const SOURCE_AS_SEEN = '0.0.0.0';
const LONGEST_HOST = 70;

/** Thrown while a message is read; `decodePlaintext` catches it. */
export class Refused extends Error {
  readonly reason: MessageRefusal;

  constructor(reason: MessageRefusal) {
    super(reason);
    this.reason = reason;
  }
}

/** Writes `ADDRESS,REST`. */
export function formatSourceWith(source: Address | undefined, rest: string): string {
  return `${source === undefined ? SOURCE_AS_SEEN : formatAddress(source)},${rest}`;
}

/**
 * Reads `ADDRESS,REST`.
 * @throws Refused `address` when it is not IPv4 or has octal digits; `message` when there is no rest
 */
export function parseSourceWith(text: string): { source: Address | undefined; rest: string } {
  const comma = text.indexOf(',');
  if (comma < 0) throw new Refused('message');
  const address = parseAddress(text.slice(0, comma));
  if (address === undefined || !isIPv4(address) || text.slice(0, comma).includes(':')) throw new Refused('address');
  const source = text.slice(0, comma) === SOURCE_AS_SEEN ? undefined : address;
  return { source, rest: text.slice(comma + 1) };
}

export function formatPorts(ports: readonly RequestedPort[]): string {
  return ports.map(formatPort).join(',');
}

/** A port that occurs twice is read once. @throws Refused `port` */
export function parsePorts(text: string): RequestedPort[] {
  const ports = new Map<string, RequestedPort>();
  for (const part of text.split(',')) {
    const [, protocol, digits = ''] = /^(tcp|udp)\/([0-9]+)$/.exec(part) ?? [];
    if (protocol !== 'tcp' && protocol !== 'udp') throw new Refused('port');
    ports.set(part, { protocol, port: parsePort(digits, 'port') });
  }
  return [...ports.values()];
}

export function formatNat({ host, port }: NatTarget): string {
  return `${host},${port}`;
}

/** @throws Refused `nat` */
export function parseNat(text: string): NatTarget {
  const [host = '', digits, ...rest] = text.split(',');
  if (digits === undefined || rest.length > 0 || !isNatHost(host)) throw new Refused('nat');
  return { host, port: parsePort(digits, 'nat') };
}

/** Whether a text has the form of a host name or an IPv4 address. Whether the host exists is not checked. */
function isNatHost(text: string): boolean {
  return text.length <= LONGEST_HOST && /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/.test(text);
}

function parsePort(digits: string, reason: MessageRefusal): number {
  const port = /^[1-9][0-9]{0,4}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65535) throw new Refused(reason);
  return port;
}
