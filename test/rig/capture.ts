import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './cleanup.ts';
import { exec, LINK } from './netns.ts';
import { type Captured, parsePcap } from './pcap.ts';
import { end, sleep } from './process.ts';

/** Milliseconds that a packet may take from the wire to tcpdump's file. */
const SETTLE_MS = 150;

/** A running capture. */
export interface Capture {
  /** Ends it and returns what was seen. */
  stop(): Promise<Captured>;
}

/** Records the packets on the cable at one end, in both directions; `filter` is in tcpdump's language. */
export async function capture(ns: string, filter = ''): Promise<Capture> {
  const { dir, discard } = scratch('pcap');
  const file = join(dir, 'wire.pcap');
  // -Z root: tcpdump would otherwise become a user who may not write here.
  const flags = ['-i', LINK, '-n', '-U', '--immediate-mode', '-Z', 'root', '-w', file];
  const child = exec(ns, ['tcpdump', ...flags, filter], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for (let tries = 0; !said.includes('listening on'); tries += 1) {
    if (child.exitCode !== null || tries > 500) throw new Error(`tcpdump does not listen: ${said}`);
    await sleep(10);
  }
  return {
    stop: async () => {
      await sleep(SETTLE_MS);
      await end(child, 'SIGINT');
      const seen = parsePcap(readFileSync(file));
      discard();
      return seen;
    },
  };
}
