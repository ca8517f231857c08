import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { exec, run } from '../../rig/netns.ts';
import { end } from '../../rig/process.ts';

/** Verdict of a stand-in on something that it heard. */
export interface Heard {
  readonly does?: string;
  readonly refused?: string;
  readonly address?: string;
  readonly from: string;
  readonly hex: string;
  readonly [field: string]: unknown;
}

/** A program in Python that stands in for a peer: it shares no code with the client, and prints what it hears. */
export interface StandIn {
  /** Everything that it has heard, in order. */
  readonly heard: readonly Heard[];
  stop(): Promise<void>;
}

/** Starts a stand-in inside a namespace, and waits until it listens. */
export async function startStandIn(
  ns: string,
  file: string,
  argv: readonly string[],
  secret: string,
): Promise<StandIn> {
  const path = fileURLToPath(new URL(`./${file}`, import.meta.url));
  const child: ChildProcess = exec(ns, ['python3', path, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
  const heard: Heard[] = [];
  let rest = '';
  let said = '';
  child.stdin?.end(`${secret}\n`);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} ended: ${said}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const value = JSON.parse(line);
        if (value.ready === true) resolve();
        else heard.push(value);
      }
    });
  });
  return { heard, stop: async () => void (await end(child)) };
}

/** Sends bytes as a datagram, from inside a namespace. */
export async function sendBytes(ns: string, address: string, port: number, hex: string): Promise<void> {
  const code =
    "const [a, p, h] = process.argv.slice(1); const s = require('dgram').createSocket(a.includes(':') ? 'udp6' : 'udp4'); s.send(Buffer.from(h, 'hex'), Number(p), a, () => s.close())";
  await run(ns, [process.execPath, '-e', code, address, String(port), hex]);
}
