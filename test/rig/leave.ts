import { readdirSync, readFileSync } from 'node:fs';
import { signalQuietly } from './process.ts';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Has a signal end this process at once, with the exit code that shells expect: 130 for Ctrl-C. To be called before
 * the rig is used: whatever it made goes in the rig's own exit handler.
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
 * Ends the programs that this process has started itself. Most live in the rig's namespaces and go with them; an
 * `ip netns add` that is just under way does not, and would leave its namespace after all was tidied up.
 */
function endChildren(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const children = readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean);
      for (const pid of children) signalQuietly(Number(pid), 'SIGKILL');
    }
  } catch {
    // No such files: not Linux, and so no namespaces either.
  }
}
