import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { type Address, addressOfBytes, formatAddress, isIPv4 } from '../../src/spa/addresses.ts';
import { TABLE } from './table-name.ts';

/** For how long a flow is known that began before the table did. */
const PRIOR_SECONDS = 86_400;

/** A TCP connection of this host, seen from its other end. */
export interface Flow {
  readonly address: Address;
  readonly port: number;
  readonly localPort: number;
}

/**
 * States of proc(5) tcp in which a peer may still send: established, fin-wait-1, fin-wait-2, close-wait.
 * Not syn-recv: such a peer simply tries again.
 */
const LIVE = new Set(['01', '04', '05', '08']);

/**
 * The established TCP connections of this network namespace. Read from proc(5) rather than from `ss`: no program needed
 * on the target, and none started while the firewall waits.
 */
export async function establishedFlows(): Promise<Flow[]> {
  const texts = await Promise.all(['/proc/self/net/tcp', '/proc/self/net/tcp6'].map(readTable));
  return texts.flatMap(parseFlows);
}

/**
 * Those of the UDP ports on which a program of this host listens. It hears nothing there while the gate is armed: a knock port
 * drops everything before it reaches a socket.
 */
export async function udpListeners(ports: readonly number[]): Promise<number[]> {
  const texts = await Promise.all(['/proc/self/net/udp', '/proc/self/net/udp6'].map(readTable));
  const bound = new Set(texts.flatMap(parseBoundPorts));
  return ports.filter((port) => bound.has(port));
}

/** Reads the local ports of proc(5) udp and udp6, whose lines are those of tcp. */
export function parseBoundPorts(text: string): number[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /.exec(line)?.[1] ?? [])
    .map((port) => Number.parseInt(port, 16));
}

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    // A kernel without IPv6 has no tcp6.
    return '';
  }
}

/** Reads proc(5) tcp and tcp6: `sl local_address rem_address st …`, addresses as 32-bit words in host byte order. */
export function parseFlows(text: string): Flow[] {
  const flows: Flow[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    const [, localPort = ''] = local.split(':');
    const [address = '', port = ''] = remote.split(':');
    if (!LIVE.has(state)) continue;
    flows.push({
      address: addressOfWords(address),
      port: Number.parseInt(port, 16),
      localPort: Number.parseInt(localPort, 16),
    });
  }
  return flows;
}

/** The commands that let flows live on which are older than the table. */
export function renderPrior(flows: readonly Flow[]): string {
  const lines: string[] = [];
  for (const family of [4, 6] as const) {
    const elements = flows
      .filter((flow) => isIPv4(flow.address) === (family === 4))
      .map((flow) => `${formatAddress(flow.address)} . ${flow.port} . ${flow.localPort} timeout ${PRIOR_SECONDS}s`);
    if (elements.length > 0) lines.push(`add element ${TABLE} prior${family} { ${[...new Set(elements)].join(', ')} }`);
  }
  return `${lines.join('\n')}\n`;
}

function addressOfWords(hex: string): Address {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  return addressOfBytes(bytes);
}
