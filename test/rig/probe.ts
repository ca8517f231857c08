import { fileURLToPath } from 'node:url';
import { exec, run } from './netns.ts';
import { end } from './process.ts';

const HELPER = fileURLToPath(new URL('./helpers/tcp-probe.mjs', import.meta.url));
const WATCHER = fileURLToPath(new URL('./helpers/tcp-watch.mjs', import.meta.url));

/** Result of a probe. `at` is the wall-clock time of the connection, in milliseconds. */
export type Probe = { open: true; ms: number; at: number } | { open: false; ms: number; error: string };

/** Times of the tries, and their limit. */
export interface WaitOptions {
  every?: number;
  timeout?: number;
}

/** Tries a TCP port until it opens. A timeout is an answer, not an error. */
export async function waitOpen(ns: string, host: string, port: number, options: WaitOptions = {}): Promise<Probe> {
  const { every = 5, timeout = 10_000 } = options;
  const argv = [process.execPath, HELPER, host, String(port), String(every), String(timeout)];
  const { stdout, stderr } = await run(ns, argv, { timeout: timeout + 10_000 });
  if (!stdout) throw new Error(`the prober said nothing: ${stderr}`);
  return JSON.parse(stdout) as Probe;
}

/** Whether a TCP port accepts a connection within the time given. */
export async function isOpen(ns: string, host: string, port: number, timeoutMs = 700): Promise<boolean> {
  return (await waitOpen(ns, host, port, { every: 100, timeout: timeoutMs })).open;
}

/** Results of trying a port again and again. Times are of the wall clock, in milliseconds. */
export interface Watched {
  shut: number[];
  open: number[];
}

/** Tries a TCP port again and again, some forty times a second when it answers, until told to stop. */
export function watchPort(ns: string, host: string, port: number): { stop(): Promise<Watched> } {
  const child = exec(ns, [process.execPath, WATCHER, host, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const times = (word: string) => [...text.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, at]) => Number(at));
  return {
    stop: async () => {
      await end(child);
      return { shut: times('shut'), open: times('open') };
    },
  };
}
