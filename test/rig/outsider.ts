import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exec } from './netns.ts';

const HELPER = fileURLToPath(new URL('./helpers/outsider.mjs', import.meta.url));

/** Ports of a host to try from an address. `end`: a UDP port to try last. */
export interface Attempt {
  readonly source: string;
  readonly host: string;
  readonly ports: readonly string[];
  readonly end: number;
}

/**
 * Sends packets from a namespace, with no code of ours. One process does it all, since hundreds of knocks and scans would otherwise
 * start a Node each. It ends with its namespace.
 */
export class Outsider {
  private readonly child: ChildProcess;
  private last: Promise<void> = Promise.resolve();
  private said = '';

  constructor(ns: string) {
    // Packets of one processor arrive in the order in which they were sent; those of two may overtake each other on a busy machine.
    this.child = exec(ns, ['taskset', '-c', oneProcessor(), process.execPath, HELPER], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdin?.on('error', () => {});
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
  }

  /** Sends one packet to each port in turn: `udp/7000`. */
  walk(host: string, steps: readonly string[], source?: string): Promise<void> {
    return this.order({ steps, host, source });
  }

  /** Sends a packet of its own flow to each port. */
  tryPorts(targets: readonly Attempt[]): Promise<void> {
    return this.order({ targets });
  }

  private order(order: object): Promise<void> {
    const next = this.last.then(() => this.send(order));
    this.last = next.catch(() => {});
    return next;
  }

  private send(order: object): Promise<void> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const onEnd = () => reject(new Error(`the packets were not sent: ${this.said}`));
      if (child.exitCode !== null || child.signalCode !== null) {
        onEnd();
        return;
      }
      child.once('exit', onEnd);
      child.stdout?.once('data', () => {
        child.off('exit', onEnd);
        resolve();
      });
      child.stdin?.write(`${JSON.stringify(order)}\n`);
    });
  }
}

/** Number of a processor that this process may use. */
function oneProcessor(): string {
  const [, first] = /^Cpus_allowed_list:\s*([0-9]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (first === undefined) throw new Error('/proc/self/status names no processor');
  return first;
}
