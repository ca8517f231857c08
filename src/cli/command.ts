import type { CommandEntry } from '../command-table/entry.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { Shell } from './shell.ts';

/** One command: each has a file of its own. */
export interface Command {
  readonly entry: CommandEntry;
  /** @returns the exit code: one of ours, or that of a program that was run */
  readonly run: (args: Arguments, shell: Shell) => Promise<number>;
}
