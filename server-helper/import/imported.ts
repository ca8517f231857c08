/** Result of translating another program's configuration. */
export interface Imported {
  /** Tables for gate.toml, those that somebody has to look at first as comments; empty when nothing could be carried over. */
  readonly toml: string;
  /** How many doors are in it that open when the gate takes it. */
  readonly doors: number;
  /** Notes on parts that could not be carried over, or mean something else here, a line each: `knockd.conf:7: …`. */
  readonly notes: readonly string[];
}

/** A file of keys to be written. */
export interface KeyFile {
  readonly path: string;
  readonly text: string;
  /** The key's fingerprint, by which a file that is there holds the same, where gpg writes it differently each time. */
  readonly gpg?: { readonly home: string; readonly fingerprint: string };
}

/** The result as a text that is itself good TOML: notes are comments. */
export function showImported({ toml, notes }: Imported): string {
  return [...notes.map((note) => `# ${note}`), ...(notes.length > 0 ? [''] : []), toml.trimEnd()].join('\n').trimEnd();
}
