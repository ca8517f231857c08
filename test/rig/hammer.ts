import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from './cleanup.ts';
import { run, TARGET4 } from './netns.ts';
import { must } from './process.ts';

const SOURCE = fileURLToPath(new URL('./native/hammer.c', import.meta.url));

/** One datagram, and the IPv4 addresses that it comes from at the same moment: one for each sender. */
export interface Round {
  readonly sources: readonly string[];
  readonly datagram: Uint8Array;
}

/** Sends copies of a datagram from several processors at once: what Node's sockets are too slow for. */
export interface Hammer {
  /**
   * Sends each round's datagram from all its addresses, to the target's IPv4 address.
   * @param rounds all with as many sources
   * @throws when a packet was not sent
   */
  strike(ns: string, port: number, rounds: readonly Round[]): Promise<void>;
  discard(): void;
}

/** Compiles the sender. */
export async function makeHammer(): Promise<Hammer> {
  const { dir, discard } = scratch('hammer');
  const program = join(dir, 'hammer');
  await must(['cc', '-O2', '-Wall', '-Wextra', '-Werror', '-pthread', '-o', program, SOURCE]);
  return {
    discard,
    strike: async (ns, port, rounds) => {
      const senders = rounds[0]?.sources.length ?? 0;
      const argv = [program, String(senders), TARGET4, String(port)];
      const input = Buffer.concat(rounds.map(bytesOf));
      const { code, stdout, stderr } = await run(ns, argv, { input, timeout: 120_000 });
      if (code !== 0) throw new Error(`the hammer ended with ${code}: ${stderr}`);
      const wanted = rounds.length * senders;
      if (Number(stdout) !== wanted) throw new Error(`the hammer sent ${stdout.trim()} of ${wanted} packets`);
    },
  };
}

function bytesOf({ sources, datagram }: Round): Uint8Array {
  const addresses = sources.flatMap((source) => {
    if (!isIPv4(source)) throw new Error(`not an IPv4 address: ${source}`);
    return source.split('.').map(Number);
  });
  return Buffer.concat([Uint8Array.from([...addresses, datagram.length >> 8, datagram.length & 0xff]), datagram]);
}
