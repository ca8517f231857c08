import type { Clock } from '../../os/clock.ts';
import { logProblem } from '../ask/show-problem.ts';
import type { Door } from '../knock/doors.ts';
import type { Knocker } from '../knock/knocker.ts';
import type { Log } from '../log.ts';
import type { AutoKnockSettings } from '../settings.ts';

/** Time within which the editor opens or restores several windows. A port that one of them opened is open for the others. */
const SAME_OPENING_MS = 5000;
/** Margin within the time that a window may be held up: timers come late in a process in which others start too. */
const MARGIN_MS = 100;

/**
 * Knocks because this window is about to connect: the editor waits for this before it does. Ends when the port is open,
 * or when the time is over while the knock goes on, since one that lands late still rescues the connection: TCP repeats
 * its SYN. Never rejects, and never shows anything but the lock: whatever is wrong, the SSH extension still gets its chance.
 * @param sinceMs when the editor began to wait, by the monotonic clock
 */
export async function knockBeforeConnecting(
  door: Promise<Door | undefined>,
  settings: Pick<AutoKnockSettings, 'enabled' | 'timeoutMs'>,
  sinceMs: number,
  io: { readonly knocker: Pick<Knocker, 'knock'>; readonly clock: Clock; readonly log: Log },
): Promise<void> {
  if (!settings.enabled) return;
  const { clock, knocker, log } = io;
  const timer = new AbortController();
  const request = { reason: 'window opened', force: false, trustMs: SAME_OPENING_MS };
  const signal = new AbortController().signal;
  const knock = door
    .then((found) => (found === undefined ? undefined : knocker.knock(found, request, signal)))
    .catch((error) => {
      logProblem(error, log);
    });
  const leftMs = Math.max(0, sinceMs + settings.timeoutMs - MARGIN_MS - clock.monotonicMs());
  const over = knock.then(() => true);
  const inTime = await Promise.race([over, clock.sleep(leftMs, timer.signal).then(() => false)]);
  timer.abort();
  log.info(heldUp(clock.monotonicMs() - sinceMs, settings.timeoutMs, inTime));
}

function heldUp(ms: number, boundMs: number, inTime: boolean): string {
  const held = `this window was held up for ${Math.round(ms)} ms`;
  if (inTime) return held;
  // On a computer that is busy with something else, timers come late.
  const lateMs = Math.max(0, Math.round(ms - Math.max(0, boundMs - MARGIN_MS)));
  return `${held}, of ${boundMs} ms that it may be; the timer was ${lateMs} ms late, and the knock goes on`;
}
