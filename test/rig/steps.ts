import { fileURLToPath } from 'node:url';
import { run } from './netns.ts';

const HELPER = fileURLToPath(new URL('./helpers/send-steps.mjs', import.meta.url));

/** Sends one packet to each port in turn, `tcp/7000` or `udp/8000`; an outsider's own way, with no code of ours. */
export async function sendSteps(ns: string, host: string, steps: readonly string[], gapMs = 20): Promise<void> {
  const { code, stderr } = await run(ns, [process.execPath, HELPER, host, String(gapMs), ...steps], {
    timeout: 10_000 + steps.length * (gapMs + 20),
  });
  if (code !== 0) throw new Error(`the steps were not sent: ${stderr}`);
}
