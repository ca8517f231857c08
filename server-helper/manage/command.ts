import type { ExitCode } from '../../src/base/problem.ts';
import type { CommandEntry } from '../../src/command-table/entry.ts';
import type { Arguments } from '../../src/command-table/read-line.ts';
import type { Paths } from '../paths.ts';

/** Arguments of a subcommand. */
export interface Call {
  readonly paths: Paths;
  readonly args: Arguments;
  readonly bundles: Bundles;
  /** Prints a result: the text for people, the value with --json. */
  show(result: unknown, text: string): void;
  /** Sets the exit code of a command whose result is bad news. */
  endWith(exit: ExitCode): void;
}

/** Loads further parts of the program. */
export interface Bundles {
  readonly loadFleetBundle: () => Promise<typeof import('../fleet/bundle.ts')>;
  readonly loadFwknopBundle: () => Promise<typeof import('../fwknop/bundle.ts')>;
  readonly loadImportBundle: () => Promise<typeof import('../import/bundle.ts')>;
}

export interface Command {
  readonly entry: CommandEntry;
  /** @throws Problem when it cannot be done */
  run(call: Call): Promise<void>;
}
