import type { Paths } from '../paths.ts';
import type { OptionName, Options } from './options.ts';

/** What a subcommand is called with. */
export interface Call {
  readonly paths: Paths;
  /** As many as the command's `forms` have words in capitals. */
  readonly args: readonly string[];
  readonly options: Options;
  readonly bundles: Bundles;
  /** Prints a result: the text for people, the value with --json. */
  show(result: unknown, text: string): void;
}

/** Loads further parts of the program. */
export interface Bundles {
  readonly loadFwknopBundle: () => Promise<typeof import('../fwknop/bundle.ts')>;
  readonly loadImportBundle: () => Promise<typeof import('../import/bundle.ts')>;
}

/** A subcommand. */
export interface Command {
  /** One word, or two: `client add`. */
  readonly name: string;
  /** How its arguments are written in the help: `ADDRESS`, `ACCESS.CONF [FWKNOPD.CONF]`. */
  readonly form: string;
  /** How many there may be. */
  readonly arguments: { readonly least: number; readonly most: number };
  /** Lines of the help. */
  readonly help: readonly string[];
  /** Beside those that every subcommand takes. */
  readonly options: readonly OptionName[];
  /** @throws Problem, whatever keeps it from being done */
  run(call: Call): Promise<void>;
}

const NONE = { least: 0, most: 0 };
const ONE = { least: 1, most: 1 };

/** The parts of a command that takes no argument, and of one that takes one. */
export const takesNone = { form: '', arguments: NONE };
export const takesOne = (form: string) => ({ form, arguments: ONE });
