/** What became of another program's configuration. */
export interface Imported {
  /** Tables for gate.toml; empty when nothing could be carried over. */
  readonly toml: string;
  /** What could not be carried over, or means something else here, a line each: `knockd.conf:7: …`. */
  readonly notes: readonly string[];
}

/** Notes what there is to say of a line. */
export type Note = (line: number, what: string) => void;

/** Collects what is said of the lines of one file. */
export class Notes {
  private readonly file: string;
  private readonly found: { readonly line: number; readonly what: string }[] = [];

  constructor(file: string) {
    this.file = file;
  }

  readonly add: Note = (line, what) => {
    this.found.push({ line, what });
  };

  /** In the order of the lines, each on a line of its own. */
  list(): string[] {
    return [...this.found]
      .sort((a, b) => a.line - b.line)
      .map(({ line, what }) => `${this.file}:${line}: ${what.replaceAll(/\p{C}/gu, '?')}`);
  }
}

/** The result as a text that is itself good TOML: notes are comments. */
export function showImported({ toml, notes }: Imported): string {
  return [...notes.map((note) => `# ${note}`), ...(notes.length > 0 ? [''] : []), toml.trimEnd()].join('\n').trimEnd();
}
