import { exec, TARGET4 } from '../test/rig/netns.ts';
import { ended } from '../test/rig/process.ts';
import { native } from './native.ts';
import type { Junk } from './subjects/subject.ts';

/** Report of a sender about its flood. */
export interface Flooded {
  readonly sent: number;
  readonly failed: number;
  readonly seconds: number;
}

/** A flood under way. */
export interface Flood {
  /** Ends it. */
  stop(): Promise<Flooded>;
}

/** How much, at most. */
export interface FloodLimits {
  /** Packets a second; Infinity for all that one sender can do. */
  readonly rate: number;
  readonly seconds: number;
  readonly count?: number;
  /** Keeps the sender on this processor, and everybody else off it. */
  readonly cpu?: number;
}

const MOST_PACKETS = 100_000_000;

/** Sends junk from a namespace, one sender, until it is stopped or has reached its limits; resolves once it is under way. */
export async function startFlood(ns: string, junk: Junk, limits: FloodLimits): Promise<Flood> {
  const { rate, seconds, count = MOST_PACKETS, cpu } = limits;
  const port = junk.kind === 'udp' ? junk.port : 0;
  const perSecond = Number.isFinite(rate) ? rate : 0;
  const pinned = cpu === undefined ? [] : ['chrt', '--fifo', '1', 'taskset', '--cpu-list', String(cpu)];
  const order = [junk.kind, TARGET4, port, seconds, perSecond, count].map(String);
  const child = exec(ns, [...pinned, await native('flooder'), ...order], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  const underWay = new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('flooding')) resolve();
    });
    child.once('close', () => reject(new Error('the flood ended before it began')));
  });
  child.stdin?.end(Buffer.concat(junk.packets.flatMap((packet) => [lengthOf(packet), packet])));
  await underWay;
  return {
    stop: async () => {
      const closed = new Promise((resolve) => child.once('close', resolve));
      const alreadyClosed = child.stdout?.closed ?? true;
      child.kill('SIGTERM');
      await ended(child);
      if (!alreadyClosed) await closed;
      const [sent = 0, failed = 0, ns = 0] = (said.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
      return { sent, failed, seconds: ns / 1e9 };
    },
  };
}

function lengthOf(packet: Uint8Array): Uint8Array {
  return Uint8Array.of(packet.length >> 8, packet.length & 255);
}
