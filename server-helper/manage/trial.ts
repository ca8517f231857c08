import { Problem } from '../../src/base/problem.ts';
import { askDaemon, tellDaemon } from '../control/client.ts';
import { removeTrial, writeTrial } from '../daemon/trial.ts';
import type { Paths } from '../paths.ts';
import { usage } from '../problems.ts';

/** Long enough to test a gate from outside, short enough to wait for. */
const SECONDS = { least: 10, most: 3600 };

/**
 * Puts the gate on trial: a daemon that starts from now on hides the ports only for so many seconds, unless `confirm` comes first.
 * A running one reads its configuration again, and is on trial from then on.
 * @param uptime seconds of the boot clock
 * @throws Problem `usage`, `file-unwritable`, or what the daemon says
 */
export async function trial(
  paths: Paths,
  text: string,
  uptime: number,
): Promise<{ seconds: number; running: boolean }> {
  const seconds = Number(text);
  if (!/^\d{1,4}$/.test(text) || seconds < SECONDS.least || seconds > SECONDS.most)
    throw usage(`A trial takes from ${SECONDS.least} to ${SECONDS.most} seconds, not ${JSON.stringify(text)}.`);
  writeTrial(paths.trial, uptime + seconds);
  return { seconds, running: await tellDaemon(paths.socket, { command: 'reload' }) };
}

/** Pauses within which a daemon that has died is started again. */
const PATIENCE = 20;

/**
 * Ends the trial: the gate stays. Waits for a daemon that is being started again.
 * @param pause half a second
 * @throws Problem `trial-over` when it came too late, `not-running`
 */
export async function confirm(paths: Paths, pause: () => Promise<unknown>): Promise<void> {
  await askPatiently(paths, pause);
  removeTrial(paths.trial);
  // A daemon that was replaced between the two lines above began with the file, and would show the ports at its end.
  await askPatiently(paths, pause);
}

async function askPatiently(paths: Paths, pause: () => Promise<unknown>): Promise<void> {
  for (let left = PATIENCE; ; left--) {
    try {
      await askDaemon(paths.socket, { command: 'confirm' });
      return;
    } catch (error) {
      const isAway = error instanceof Problem && ['not-running', 'starting'].includes(error.text.code);
      if (!isAway || left === 0) throw error;
      await pause();
    }
  }
}
