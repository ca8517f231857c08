import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { setImmediate as immediate } from 'node:timers/promises';
import { type Address, addressOfBytes } from '../../src/base/addresses.ts';
import type { PortRange } from '../../src/base/ports.ts';
import type { FirewallPlan } from './firewall.ts';

/** A TCP connection of this host, seen from its other end. */
export interface Flow {
  readonly address: Address;
  readonly port: number;
  readonly localPort: number;
}

/**
 * Lines of proc(5) tcp and tcp6, `sl local_address rem_address st …`, in states in which a peer may still send: established,
 * fin-wait-1, fin-wait-2, close-wait. Not syn-recv: such a peer simply tries again.
 */
const LIVE = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) 0[1458] /gm;

/**
 * The established TCP connections of this network namespace to ports of ours. Read from proc(5) rather than from `ss`: no
 * program needed on the target, and none started while the firewall waits.
 */
export async function establishedFlows(ports: readonly PortRange[]): Promise<Flow[]> {
  const texts = await Promise.all(['/proc/self/net/tcp', '/proc/self/net/tcp6'].map(readTable));
  return texts.flatMap((text) => parseFlows(text, ports));
}

/**
 * The knock ports on which a program of this host listens. It hears nothing there while the gate is armed: a knock port drops
 * everything before it reaches a socket.
 */
export async function deafenedBy({ capture, knockPorts }: FirewallPlan): Promise<number[]> {
  // With a socket to hear knocks by, the listener is the gate itself.
  return capture === 'socket' ? [] : await udpListeners(knockPorts);
}

async function udpListeners(ports: readonly number[]): Promise<number[]> {
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

/** Bytes that are asked for at a time; the kernel gives a page or less. */
const CHUNK = 65_536;
/** Bytes after which other work goes on between two reads: the tables of most hosts are shorter. */
const SHORT = 32_768;

/**
 * Reads a table of proc(5). Between the reads of a long one, knocks are answered. The file functions that return promises use
 * threads, which would wake a gate that has nothing to do twenty times for each look.
 */
async function readTable(path: string): Promise<string> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // A kernel without IPv6 has no tcp6.
    return '';
  }
  try {
    const chunk = Buffer.alloc(CHUNK);
    let text = '';
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK, null);
      if (length === 0) return text;
      text += chunk.toString('latin1', 0, length);
      if (text.length > SHORT) await immediate();
    }
  } catch {
    return '';
  } finally {
    closeSync(file);
  }
}

/** Reads proc(5) tcp and tcp6: addresses are 32-bit words in host byte order. */
export function parseFlows(text: string, ports: readonly PortRange[]): Flow[] {
  const flows: Flow[] = [];
  // One pass, and nothing made of a line that does not count: a busy server has a hundred thousand.
  for (const [, local = '', address = '', port = ''] of text.matchAll(LIVE)) {
    const localPort = Number.parseInt(local, 16);
    if (!ports.some(({ protocol, first, last }) => protocol === 'tcp' && first <= localPort && localPort <= last))
      continue;
    flows.push({ address: addressOfWords(address), port: Number.parseInt(port, 16), localPort });
  }
  return flows;
}

function addressOfWords(hex: string): Address {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  return addressOfBytes(bytes);
}
