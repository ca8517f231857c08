/** What became of another program's configuration. */
export interface Imported {
  /** Tables for gate.toml; empty when nothing could be carried over. */
  readonly toml: string;
  /** What could not be carried over, or means something else here, a line each: `knockd.conf:7: …`. */
  readonly notes: readonly string[];
}

/** The result as a text that is itself good TOML: notes are comments. */
export function showImported({ toml, notes }: Imported): string {
  return [...notes.map((note) => `# ${note}`), ...(notes.length > 0 ? [''] : []), toml.trimEnd()].join('\n').trimEnd();
}
