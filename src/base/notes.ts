import { inEnglish, joined, type Phrase, phrase } from './phrase.ts';

/** Adds a note about a line. Notes with the same message are of one kind, whatever their values are. */
export type Note = (line: number, what: Phrase) => void;

/** Most notes of one kind. Otherwise a large file of the wrong kind would have one for each line. */
const TOLD = 20;

/** Notes of a text without line numbers: some of each kind, and the number of the others. */
export function counted(notes: readonly Phrase[]): Phrase[] {
  const counts = new Map<string, number>();
  const told = notes.filter(({ message }) => {
    const count = (counts.get(message) ?? 0) + 1;
    counts.set(message, count);
    return count <= TOLD;
  });
  const more = notes.length - told.length;
  return more === 0 ? told : [...told, phrase('… and {0} more of these', more)];
}

interface Told {
  readonly line: number;
  readonly what: Phrase;
}

/** Collects notes about lines of another program's configuration that could not be carried over, or mean something else here. */
export class Notes {
  private readonly file: string;
  private readonly told: Told[] = [];
  /** Count of each kind. */
  private readonly counts = new Map<string, number>();
  private readonly before: Notes | undefined;

  /**
   * @param file its name in notes
   * @param before what there is to say besides: it is not copied, for many may share it
   */
  constructor(file: string, before?: Notes) {
    this.file = file;
    this.before = before;
  }

  readonly add: Note = (line, what) => {
    const count = (this.counts.get(what.message) ?? 0) + 1;
    this.counts.set(what.message, count);
    if (count <= TOLD) this.told.push({ line, what });
  };

  /**
   * In the order of the lines, each on a line of its own, without control characters: `knockd.conf:7: …`. Notes of one kind are
   * listed up to a limit, and then counted.
   */
  phrases(): Phrase[] {
    const all = [...(this.before?.phrasesByLine() ?? []), ...this.phrasesByLine()];
    return all.sort((a, b) => a.line - b.line).map(({ text }) => text);
  }

  /** Lists them in English. */
  list(): string[] {
    return this.phrases().map(inEnglish);
  }

  private phrasesByLine(): { readonly line: number; readonly text: Phrase }[] {
    const last = new Map(this.told.map(({ line, what }) => [what.message, line]));
    const counted = [...this.counts].filter(([, count]) => count > TOLD);
    return [
      ...this.told.map(({ line, what }) => {
        return { line, text: joined([`${this.file}:${line}`, printable(what)], ': ') };
      }),
      ...counted.map(([message, count]) => {
        const line = last.get(message) ?? 0;
        return {
          line,
          text: joined([this.file, phrase('… and {0} more lines like that of line {1}', count - TOLD, line)], ': '),
        };
      }),
    ];
  }
}

/** A text from somebody else's file, on one line. */
function printable(text: Phrase): Phrase {
  const values = text.values.map((value) => {
    if (typeof value === 'number') return value;
    return typeof value === 'string' ? value.replaceAll(/\p{C}/gu, '?') : printable(value);
  });
  return { ...text, values };
}
