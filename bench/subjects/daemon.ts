import { exec } from '../../test/rig/netns.ts';
import { end, sleep } from '../../test/rig/process.ts';

const PATIENCE_MS = 60_000;

/** A peer's daemon, which runs in the foreground. */
export interface Daemon {
  stop(): Promise<void>;
}

/** Starts a daemon in a namespace and waits until it has printed this. */
export async function startDaemon(ns: string, argv: readonly string[], heard: string): Promise<Daemon> {
  const child = exec(ns, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      // Kept while it starts only: some print a line for each packet of a flood.
      if (!said.includes(heard)) said += text;
    });
  }
  const start = performance.now();
  while (!said.includes(heard)) {
    const late = performance.now() - start > PATIENCE_MS;
    if (child.exitCode !== null || late) throw new Error(`${argv[0]} does not come up: ${said.slice(-2000)}`);
    await sleep(5);
  }
  return {
    stop: async () => {
      await end(child);
    },
  };
}
