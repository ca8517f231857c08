import { inEnglish, joined, type Phrase } from './phrase.ts';

/** Notes what there is to say of a line. */
export type Note = (line: number, what: Phrase | string) => void;

/** Collects what could not be carried over from the lines of another program's configuration, or means something else here. */
export class Notes {
  private readonly file: string;
  private readonly found: { readonly line: number; readonly what: Phrase | string }[] = [];
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
    this.found.push({ line, what });
  };

  /** In the order of the lines, each on a line of its own, without control characters: `knockd.conf:7: …`. */
  phrases(): Phrase[] {
    return [...(this.before?.found ?? []), ...this.found]
      .sort((a, b) => a.line - b.line)
      .map(({ line, what }) => joined([`${this.file}:${line}`, printable(what)], ': '));
  }

  /** The same in English. */
  list(): string[] {
    return this.phrases().map(inEnglish);
  }
}

/** Whatever stands in somebody else's file, on one line. */
function printable(text: Phrase | string): Phrase | string {
  if (typeof text === 'string') return text.replaceAll(/\p{C}/gu, '?');
  return { ...text, values: text.values.map((value) => (typeof value === 'number' ? value : printable(value))) };
}
