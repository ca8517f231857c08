import type { ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { exec, TARGET4 } from '../test/rig/netns.ts';
import { end } from '../test/rig/process.ts';
import { native } from './native.ts';

/** The port whose opening is measured. */
export const SERVICE_PORT = 22;

/** A knock that counts opens within this time or has failed; milliseconds. */
const KNOCK_TIMEOUT_MS = 1000;

/** Packets of a knock: one datagram, or a SYN to each port in this order. */
export type Knock =
  | { readonly kind: 'udp'; readonly port: number; readonly datagram: Uint8Array }
  | { readonly kind: 'syn'; readonly ports: readonly number[] };

/** The result of a knock. `ms` is from just before its first packet was sent to the first connection made. */
export interface Measured {
  readonly ms: number | undefined;
  /** SYNs that the prober sent. */
  readonly probes: number;
  /** When the first packet was sent, in milliseconds of the monotonic clock; 0 where the door stayed shut. */
  readonly sentAt: number;
  /** Milliseconds that the wall clock is ahead of the monotonic one. */
  readonly wallOffset: number;
}

/** Knocks and connects in one flight, then again each millisecond until it is let in: native/prober.c, the same for all subjects. */
export class Prober {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;
  private complaint = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint += text;
    });
    if (child.stdout === null) throw new Error('the prober has no output');
    this.lines = createInterface({ input: child.stdout });
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  /** Starts it in the client's namespace. */
  static async start(ns: string): Promise<Prober> {
    return new Prober(exec(ns, [await native('prober'), TARGET4, String(SERVICE_PORT)]));
  }

  /**
   * Knocks from an address of the client's and waits for the door, so many milliseconds.
   * @throws when the door stood open before
   */
  async measure(source: string, knock: Knock, timeoutMs = KNOCK_TIMEOUT_MS): Promise<Measured> {
    const what =
      knock.kind === 'udp'
        ? `udp ${knock.port} ${Buffer.from(knock.datagram).toString('hex')}`
        : `syn ${knock.ports.join(',')}`;
    this.child.stdin?.write(`${source} ${timeoutMs} ${what}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`the prober ended: ${this.complaint.trim()}`);
    const [word, ...numbers] = (value as string).split(' ');
    const [ns = 0, probes = 0, sentAt = 0, wall = 0] = numbers.map(Number);
    if (word === 'early') throw new Error(`port ${SERVICE_PORT} was open for ${source} before the knock`);
    const ms = word === 'open' ? ns / 1e6 : undefined;
    return { ms, probes, sentAt: sentAt / 1e6, wallOffset: (wall - sentAt) / 1e6 };
  }

  async stop(): Promise<void> {
    this.lines.close();
    await end(this.child);
  }
}
