import type { Stage, StageOptions } from './stage.ts';

/** Groups of faults, in the order of the report. */
export const GROUPS = ['process', 'state', 'disk', 'firewall', 'capture', 'clock', 'network', 'service'] as const;

/** A fault, how it is made, and how it ends. */
export interface Row extends StageOptions {
  readonly group: (typeof GROUPS)[number];
  readonly name: string;
  /** Replacement of a fault that cannot be had here. */
  readonly standIn?: string;
  /** Whether the row is in the short form, which `.ci/run` has. */
  readonly isShort?: boolean;
  /** Ports that are open to strangers while the fault lasts, and known to be: no row says so of the time after it. */
  readonly exposes?: string;
  /** `never failed`, or the commit that last failed it and the one that fixed it; kept by hand. */
  readonly history: string;
  /** Makes the fault. */
  do(stage: Stage): Promise<unknown>;
  /** Ends it, as its cause or the service manager would. */
  undo(stage: Stage): Promise<unknown>;
}

/** For faults that end by themselves. */
export const nothing = async () => {};

/** For a daemon that ended: its service manager starts it again. */
export const startAgain = (stage: Stage) => stage.startAgain();

export const NEVER = 'never failed';
