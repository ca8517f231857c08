import { readFileSync, rmSync } from 'node:fs';
import { replaceFile } from '../own-file.ts';
import { fileUnwritable } from '../problems.ts';

/**
 * A gate on trial: a file that root has written says until when. It lies outside of the folder that the daemon may write to, and
 * on a file system that a reboot empties.
 */

/**
 * Until when the gate may hide its ports.
 * @returns seconds of the boot clock (`Clock.uptime`); undefined when there is no trial. A file that makes no sense counts as a
 * trial that is over: the way in must not depend on it.
 */
export function readTrial(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : 0;
  }
  return /^\d{1,12}(\.\d{1,6})?\n$/.test(text) ? Number(text) : 0;
}

/**
 * Begins a trial, or sets another end to the one that runs.
 * @param until seconds of the boot clock
 * @throws Problem `file-unwritable`
 */
export function writeTrial(path: string, until: number): void {
  try {
    // The daemon's user reads it.
    replaceFile(path, `${until.toFixed(2)}\n`, 0o644);
  } catch (error) {
    throw fileUnwritable(path, error);
  }
}

/** @throws Problem `file-unwritable` */
export function removeTrial(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileUnwritable(path, error);
  }
}
