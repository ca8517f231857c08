import { statSync, utimesSync } from 'node:fs';
import { writeNewFile } from '../own-file.ts';

/**
 * Notes until when packets were heard, for the next daemon, which tells what the kernel has opened since. The times of two empty files:
 * one in the runtime folder, touched every few seconds; one in the state folder, touched when the daemon stops.
 */
export class LastHeard {
  private readonly running: string;
  private readonly stopped: string;

  constructor(running: string, stopped: string) {
    this.running = running;
    this.stopped = stopped;
  }

  /** Unix milliseconds; 0 when nothing is known. */
  read(): number {
    return Math.max(timeOf(this.running), timeOf(this.stopped));
  }

  hearing(now: number): void {
    touch(this.running, now);
  }

  stop(now: number): void {
    touch(this.stopped, now);
  }
}

function timeOf(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    // There is none, or its folder is somebody else's: nothing is known.
    return 0;
  }
}

function touch(path: string, now: number): void {
  try {
    if (timeOf(path) === 0) writeNewFile(path, '', 0o600);
    utimesSync(path, now / 1000, now / 1000);
  } catch {
    // The next daemon tells of more openings than it need.
  }
}
