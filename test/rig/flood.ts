import { fileURLToPath } from 'node:url';
import { run } from './netns.ts';

const HELPER = fileURLToPath(new URL('./helpers/udp-send.mjs', import.meta.url));

/** Packets to send, and their bounds. */
export interface FloodOptions {
  host: string;
  port: number;
  count: number;
  /** Stops after this many milliseconds even when `count` is not reached. */
  timeMs?: number;
  /** Size of random bodies; ignored when bodies are given. */
  size?: number;
  /** Packets per second; 0 sends as fast as the machine can. */
  rate?: number;
  /** Bodies to send, in turn. */
  bodies?: readonly Uint8Array[];
  /** Own address to send from; the system's choice when left out. */
  source?: string;
  sourcePort?: number;
}

/** Counts of a flood: datagrams that the kernel took, those that it refused, and the time that it took. */
export interface Flooded {
  sent: number;
  failed: number;
  ms: number;
}

/** Sends datagrams from a namespace, bounded in number and time. */
export async function flood(ns: string, options: FloodOptions): Promise<Flooded> {
  const { host, port, count, timeMs = 10_000, size = 200, rate = 0, bodies = [], source, sourcePort = 0 } = options;
  const encoded = bodies.map((body) => Buffer.from(body).toString('base64'));
  const order = { host, port, count, timeMs, size, rate, bodies: encoded, source, sourcePort };
  const done = await run(ns, [process.execPath, HELPER], { input: JSON.stringify(order), timeout: timeMs + 10_000 });
  if (!done.stdout) throw new Error(`the sender said nothing: ${done.stderr}`);
  return JSON.parse(done.stdout) as Flooded;
}

/** Sends a single datagram. */
export async function sendDatagram(ns: string, host: string, port: number, body: Uint8Array): Promise<void> {
  const { sent } = await flood(ns, { host, port, count: 1, bodies: [body] });
  if (sent !== 1) throw new Error(`the datagram to ${host} port ${port} was not sent`);
}
