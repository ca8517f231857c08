import type { Clock } from '../../client/clock.ts';
import type { Door } from '../doors.ts';
import type { Knocker } from '../knocker.ts';
import type { Log } from '../log.ts';
import type { AutoKnockSettings } from '../settings.ts';
import { logProblem } from '../show-problem.ts';

/**
 * Windows that the editor opens or restores together are that far apart. What one of them opened is open for the others.
 */
const SAME_OPENING_MS = 5000;

/**
 * Knocks because this window is about to connect: the editor waits for this before it does. Ends when the port is open,
 * or when the time is over while the knock goes on, since one that lands late still rescues the connection: TCP repeats
 * its SYN. Never rejects, and never shows anything but the lock: whatever is wrong, Remote - SSH gets its chance.
 */
export async function knockBeforeConnecting(
  door: Promise<Door | undefined>,
  settings: Pick<AutoKnockSettings, 'enabled' | 'timeoutMs'>,
  io: { readonly knocker: Knocker; readonly clock: Clock; readonly log: Log },
): Promise<void> {
  if (!settings.enabled) return;
  const timer = new AbortController();
  const request = { reason: 'window opened', force: false, trustMs: SAME_OPENING_MS };
  const signal = new AbortController().signal;
  const knock = door
    .then((found) => (found === undefined ? undefined : io.knocker.knock(found, request, signal)))
    .catch((error) => {
      logProblem(error, io.log);
    });
  await Promise.race([knock, io.clock.sleep(settings.timeoutMs, timer.signal)]);
  timer.abort();
}
