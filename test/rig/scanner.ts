import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from './cleanup.ts';
import { CLIENT4, run, TARGET4 } from './netns.ts';
import { must } from './process.ts';

const SOURCE = fileURLToPath(new URL('./native/scanner.c', import.meta.url));
const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** Ports of one protocol in the order in which they are tried. */
export interface Scan {
  readonly protocol: keyof typeof PROTOCOLS;
  readonly ports: ArrayLike<number>;
}

/** Sends bare packets: a program of its own, since a scan of all ports would take minutes otherwise. */
export interface Scanner {
  /**
   * Sends a SYN or an empty datagram to each port in turn, over IPv4.
   * @param source own address
   * @returns how many were sent
   */
  scan(ns: string, scans: readonly Scan[], source?: string): Promise<number>;
  discard(): void;
}

/** Compiles the program that scans. */
export async function makeScanner(): Promise<Scanner> {
  const { dir, discard } = scratch('scanner');
  const program = join(dir, 'scanner');
  await must(['cc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, SOURCE]);
  return {
    discard,
    scan: async (ns, scans, source = CLIENT4) => {
      const input = Buffer.concat(scans.map(bytesOf));
      const { code, stdout, stderr } = await run(ns, [program, source, TARGET4], { input, timeout: 120_000 });
      if (code !== 0) throw new Error(`the scanner ended with ${code}: ${stderr}`);
      return Number(stdout);
    },
  };
}

function bytesOf({ protocol, ports }: Scan): Uint8Array {
  const bytes = new Uint8Array(3 * ports.length);
  for (let i = 0; i < ports.length; i++) {
    const port = ports[i] ?? 0;
    bytes[3 * i] = PROTOCOLS[protocol];
    bytes[3 * i + 1] = port >> 8;
    bytes[3 * i + 2] = port & 0xff;
  }
  return bytes;
}
