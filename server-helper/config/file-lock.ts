import { closeSync, openSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileUnwritable } from '../problems.ts';

/** Milliseconds between two looks whether another one has finished its change. */
const TURN_WAIT = 50;

/**
 * Waits until nobody else changes a file: the one whose turn it is has made a file that only one at a time can make, and never
 * through a link that was laid there.
 * @param lock that file; to be closed and removed at the end of the turn
 * @param most looks for a turn before it gives up
 * @returns its descriptor, mode 0600
 * @throws Problem `file-unwritable`, also when a change that was broken off is in the way
 */
export async function takeTurn(path: string, lock: string, most: number): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return openSync(lock, 'wx', 0o600);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!taken) throw fileUnwritable(path, error);
      if (tries >= most) throw fileUnwritable(path, `${lock} is there: remove it, if nobody is changing the file.`);
      await setTimeout(TURN_WAIT);
    }
  }
}

/**
 * Does something to a file, and to what belongs to it, while nobody else does.
 * @throws Problem `file-unwritable`, as `takeTurn`; what the work throws
 */
export async function inTurn<Result>(path: string, work: () => Result, tries = 100): Promise<Result> {
  const lock = `${path}.lock`;
  const fd = await takeTurn(path, lock, tries);
  try {
    return work();
  } finally {
    closeSync(fd);
    rmSync(lock, { force: true });
  }
}
