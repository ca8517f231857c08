import { resolve } from 'node:path';
import { leaveOnSignal } from '../rig/leave.ts';
import { gateStory } from './gate-story.ts';
import { portableStory } from './portable-story.ts';
import { StepFailed, Timeline } from './timeline.ts';

/** How the demo is run. */
interface DemoOptions {
  /** The daemon's bundle, when it is not the one in `dist`. */
  daemon: string | undefined;
  /** Reasons why the gate cannot run here; empty when it can. */
  obstacles: readonly string[];
  /** When the timeline begins, by `performance.now()`. */
  startedAt: number;
}

const CLIENT = 'dist/knockgate.cjs';

/**
 * Runs the demo and returns the exit code. What it started and made is ended and deleted when the process exits, the
 * same way after the last step, a failed one, an error, or Ctrl-C.
 */
export async function demo({ daemon = 'dist/knockgated.cjs', obstacles, startedAt }: DemoOptions): Promise<number> {
  const timeline = new Timeline(process.stdout, startedAt);
  leaveOnSignal((signal) => timeline.interrupted(signal));
  const programs = { daemon: resolve(daemon), cli: resolve(CLIENT) };
  try {
    if (obstacles.length === 0) await gateStory(timeline, programs);
    else await portableStory(timeline, programs, obstacles);
    return 0;
  } catch (error) {
    // A failed step has said itself what is wrong.
    if (error instanceof StepFailed) timeline.failed();
    else timeline.broken(error);
    return 1;
  }
}
