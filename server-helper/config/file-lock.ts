import { closeSync, openSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileUnwritable } from '../problems.ts';

/** Milliseconds between two attempts to get a turn. */
const TURN_WAIT = 50;

/**
 * Waits until nobody else changes a file. A process gets its turn by creating the lock file: only one can do that at a time,
 * and it never follows a link that somebody put there.
 * @param lock path of the lock file; the caller closes and removes it at the end of the turn
 * @param most attempts to get a turn
 * @returns its descriptor, mode 0600
 * @throws Problem `file-unwritable`, also when an interrupted change has left its lock file
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
 * Does work on a file, and on what belongs to it, while nobody else does.
 * @throws Problem `file-unwritable`, as `takeTurn` does; errors of the work
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
