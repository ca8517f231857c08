import { fileURLToPath } from 'node:url';
import { CLIENT4, CLIENT6, run } from './netns.ts';

const HELPER = fileURLToPath(new URL('./helpers/send-packets.pl', import.meta.url));
/** Milliseconds from one packet to the next. */
const GAP_MS = '2';

/**
 * Sends packets made byte by byte, through raw sockets, with no code of ours. Each is written like a step, with one value for each
 * field: `udp/7000:length=32:sport=4000`, `icmp:type=13`, `tcp/7000:length=40:flags=18`; `after=300` milliseconds behind the previous
 * one.
 */
export async function sendPackets(
  ns: string,
  to: string,
  packets: readonly string[],
  from = to.includes(':') ? CLIENT6 : CLIENT4,
): Promise<void> {
  const { code, stderr } = await run(ns, ['perl', HELPER, from, to, GAP_MS, ...packets], { timeout: 30_000 });
  if (code !== 0) throw new Error(`the packets were not sent: ${stderr}`);
}
