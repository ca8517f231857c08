import { readdirSync, readFileSync } from 'node:fs';
import { signalQuietly } from './process.ts';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Makes a signal end this process at once, with the exit code that shells expect: 130 for Ctrl-C. Call it before the rig is used:
 * the rig's own exit handler deletes what it made.
 */
export function leaveOnSignal(farewell: (signal: string) => void): void {
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      endChildren();
      farewell(signal);
      process.exit(128 + number);
    });
  }
}

/**
 * Ends the programs that this process has started itself. Most live in the rig's namespaces and end with them. A running `ip netns
 * add` does not, and would leave its namespace after the clean-up.
 */
function endChildren(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const children = readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean);
      for (const pid of children) signalQuietly(Number(pid), 'SIGKILL');
    }
  } catch {
    // There are no such files outside Linux, and no namespaces either.
  }
}
