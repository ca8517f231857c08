/*
 * Types of the tables of the command lines of client and gate. Both programs read their arguments by it,
 * and make their help from it.
 */

/** Values that a shell may propose: names of hosts, files, or these words. */
export type Proposals = 'hosts' | 'files' | readonly string[];

export interface OptionEntry {
  /** Without its dashes. An option of one name takes a value everywhere, or nowhere. */
  readonly name: string;
  /** How its value is written, such as `FILE`. Without it the option takes none. */
  readonly value?: string;
  /** Its effect, in a sentence or two without a capital at the beginning or a full stop at the end. */
  readonly about: string;
  /** Default, in words. */
  readonly usual?: string;
  /** Whether it may be given more than once. */
  readonly many?: true;
  readonly proposes?: Proposals;
}

export interface ArgumentEntry {
  /** In capitals. */
  readonly name: string;
  readonly optional?: true;
  /** Whether more than one word may be given for it. */
  readonly many?: true;
  /** Names of options, one of which may be given in its place. */
  readonly unless?: readonly string[];
  readonly about: string;
  readonly proposes?: Proposals;
}

/** One field of what `--json` prints. `clients[].name` is in each element of a list, `hosts.*.kind` below each key. */
export interface JsonField {
  readonly path: string;
  /** Such as `string` or `number | null`. */
  readonly type: string;
  readonly about: string;
  /** When it is there, such as `only with --link`; without it, always. */
  readonly when?: string;
}

export interface Example {
  /** A line for a shell. A test runs it. */
  readonly line: string;
  /** Use of the command, in one sentence. */
  readonly about: string;
}

export interface CommandEntry {
  /** One word, or two: `client add`. */
  readonly name: string;
  /** One line for the overview, without a full stop. */
  readonly summary: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly arguments: readonly ArgumentEntry[];
  /** Beside those that every command of the program takes. */
  readonly options: readonly OptionEntry[];
  readonly examples: readonly Example[];
  /** Fields of the output with `--json`; without them the command does not take `--json`. */
  readonly json?: readonly JsonField[];
  /** Table for the words behind its first argument, when they are a command line of the other program. */
  readonly passesOn?: ProgramEntry;
}

/** Commands that belong together, under a heading. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}

export interface ProgramEntry {
  readonly name: string;
  /** Description of the program, in one sentence. */
  readonly summary: string;
  readonly groups: readonly CommandGroup[];
  /** Options that every command takes. */
  readonly options: readonly OptionEntry[];
  /** Lines below the overview. */
  readonly notes: readonly string[];
}

const JSON_OPTION: OptionEntry = {
  name: 'json',
  about: 'print JSON for programs, also for an error',
};

/** Meaning of a field of `--json`, and when it is there. */
export function fieldText({ about, when }: JsonField): string {
  return when === undefined ? about : `${about}; ${when}`;
}

/** Every command of a program, in the order of its help. */
export function commandsOf({ groups }: ProgramEntry): readonly CommandEntry[] {
  return groups.flatMap(({ commands }) => commands);
}

/** Every option that a command takes. */
export function optionsOf(program: ProgramEntry, command: CommandEntry): readonly OptionEntry[] {
  return [...command.options, ...(command.json === undefined ? [] : [JSON_OPTION]), ...program.options];
}
