import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exec, TARGET4 } from '../../test/rig/netns.ts';
import { end } from '../../test/rig/process.ts';

const HELPER = fileURLToPath(new URL('./knocker.mjs', import.meta.url));

/** Result of a knock. */
export interface Knocked {
  /** Whether the port was open before the knock. */
  readonly early: boolean;
  /** Until the port was open; undefined when it stayed shut. */
  readonly ms: number | undefined;
}

/** Sends datagrams from the clients' namespace, and tries the port behind the gate: knocker.mjs, one process for all clients. */
export class Knocker {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (knocked: Knocked) => void>();
  private count = 0;

  constructor(ns: string, udpPort: number, tcpPort: number) {
    const argv = [process.execPath, HELPER, TARGET4, String(udpPort), String(tcpPort)];
    this.child = exec(ns, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the knocker has no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => this.hear(line));
    // It breaks when the knocker ends; `isRunning` tells.
    this.child.stdin?.on('error', () => {});
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a datagram, and waits for nothing. */
  send(source: string, datagram: Uint8Array): void {
    this.order({ source, send: Buffer.from(datagram).toString('base64') });
  }

  /** Sends a datagram, and waits until the port opens for that address. */
  knock(source: string, datagram: Uint8Array): Promise<Knocked> {
    const id = this.count++;
    this.order({ id, source, knock: Buffer.from(datagram).toString('base64') });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  async stop(): Promise<void> {
    await end(this.child);
  }

  private order(order: object): void {
    this.child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  private hear(line: string): void {
    const { id, early, ms } = JSON.parse(line) as { id: number; early: boolean; ms: number | null };
    this.waiting.get(id)?.({ early, ms: ms ?? undefined });
    this.waiting.delete(id);
  }
}
