/** Result of translating another program's configuration. */
export interface Imported {
  /** Tables for gate.toml; those that somebody has to check first are comments. Empty when nothing could be carried over. */
  readonly toml: string;
  /** Number of doors in it that open as soon as the gate reads it. */
  readonly doors: number;
  /** Notes on parts that could not be carried over, or mean something else here, a line each: `knockd.conf:7: …`. */
  readonly notes: readonly string[];
}

/** A file of keys to be written. */
export interface KeyFile {
  readonly path: string;
  readonly text: string;
  /** Fingerprint of the key, to compare an existing file: gpg writes the same key differently each time. */
  readonly gpg?: { readonly home: string; readonly fingerprint: string };
}

/** Writes the result as valid TOML: notes are comments. */
export function showImported({ toml, notes }: Imported): string {
  return [...notes.map((note) => `# ${note}`), ...(notes.length > 0 ? [''] : []), toml.trimEnd()].join('\n').trimEnd();
}
