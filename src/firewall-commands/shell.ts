/** One command of a line, as a shell splits it. */
export interface ShellCommand {
  /** When it runs: always, only after the previous command succeeded, or only after that failed. */
  readonly after: ';' | '&&' | '||';
  readonly argv: readonly string[];
}

export type Split = { readonly commands: readonly ShellCommand[] } | { readonly why: string };

/** Words that begin something else than a simple command. */
const RESERVED = new Set(
  '! { } case do done elif else esac exec exit eval fi for function if in return select set then time trap until while [ [['.split(
    ' ',
  ),
);

/** Characters that a shell expands, or matches with names of files. */
const EXPANDED = new Set(['$', '`', '*', '?', '[']);

/**
 * Splits a line as sh(1) does, if a shell would run it as it is written: words, quotation marks, comments, several commands
 * in a row, and output to /dev/null. Anything that a shell would expand, redirect or run in the background is refused.
 */
export function splitShell(text: string): Split {
  const reader = new ShellReader(text);
  const why = reader.read();
  if (why !== undefined) return { why };
  const reserved = reader.commands.find(({ argv: [first = ''] }) => RESERVED.has(first));
  if (reserved !== undefined) return { why: `it needs a shell for “${reserved.argv[0]}”` };
  const assignment = reader.commands.find(({ argv: [first = ''] }) => /^[A-Za-z_][A-Za-z0-9_]*=/.test(first));
  if (assignment !== undefined) return { why: `it needs a shell for “${assignment.argv[0]}”` };
  return { commands: reader.commands };
}

class ShellReader {
  readonly commands: ShellCommand[] = [];
  private readonly text: string;
  private at = 0;
  private after: ShellCommand['after'] = ';';
  private argv: string[] = [];
  /** Undefined between words: a quoted word may be empty. */
  private word: string | undefined;
  /** Braces outside quotation marks, as some shells read them: `{22,80}`. */
  private hasBrace = false;
  private isQuoted = false;

  constructor(text: string) {
    this.text = text;
  }

  /** @returns why it cannot be read; undefined when it was */
  read(): string | undefined {
    while (this.at < this.text.length) {
      const why = this.step();
      if (why !== undefined) return why;
    }
    return this.endCommand('end');
  }

  private step(): string | undefined {
    const character = this.text[this.at] ?? '';
    const pair = this.text.slice(this.at, this.at + 2);
    if (character === ' ' || character === '\t') return this.next(1, this.endWord());
    if (character === '\n') return this.next(1, this.endCommand('\n'));
    if (pair === '&&' || pair === '||') return this.next(2, this.endCommand(pair));
    if (character === ';') return this.next(1, this.endCommand(';'));
    if (character === '#' && this.word === undefined) return this.comment();
    if (character === "'" || character === '"') return this.quoted(character);
    if (character === '\\') return this.escaped();
    if (character === '>') return this.redirection();
    if ('&|<()'.includes(character) || EXPANDED.has(character)) return needsShell(character);
    if (character === '~' && this.word === undefined) return needsShell(character);
    if (/\p{Cc}/u.test(character)) return 'it has a control character in it';
    if (character === '{' || character === '}') this.hasBrace = true;
    return this.next(1, this.add(character));
  }

  private next(characters: number, why: string | undefined): string | undefined {
    this.at += characters;
    return why;
  }

  private add(text: string): undefined {
    this.word = (this.word ?? '') + text;
  }

  private comment(): undefined {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private quoted(mark: string): string | undefined {
    this.isQuoted = true;
    this.add('');
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const character = this.text[this.at] ?? '';
      if (character === mark) return this.next(1, undefined);
      if (/\p{Cc}/u.test(character) && character !== '\t') return 'it has a control character in it';
      if (mark === '"' && (character === '$' || character === '`')) return needsShell(character);
      const escaped = this.text[this.at + 1] ?? '';
      if (mark === '"' && character === '\\' && '$`"\\'.includes(escaped) && escaped !== '') {
        this.add(escaped);
        this.at += 1;
      } else this.add(character);
    }
    return `a quotation mark (${mark}) is missing`;
  }

  private escaped(): string | undefined {
    const character = this.text[this.at + 1];
    if (character === undefined || character === '\n') return 'it ends in a “\\”';
    this.isQuoted = true;
    return this.next(2, this.add(character));
  }

  /** Reads a redirection to /dev/null. It changes nothing, and unlike one to a file it cannot fail. */
  private redirection(): string | undefined {
    const rest = this.text.slice(this.at);
    const [whole] = /^>(?:>?[ \t]*\/dev\/null|&[12])(?=[\s;&|]|$)/.exec(rest) ?? [];
    if (whole === undefined) return 'it writes into a file, or needs a shell for “>”';
    // A digit right before it names the output.
    if (this.word !== undefined && /^[12]$/.test(this.word) && !this.isQuoted) this.word = undefined;
    return this.next(whole.length, this.endWord());
  }

  private endWord(): string | undefined {
    const { word } = this;
    const isExpanded = this.hasBrace && word !== undefined && word.length > 1 && /[,]|\.\./.test(word);
    if (word !== undefined) this.argv.push(word);
    this.word = undefined;
    this.hasBrace = false;
    this.isQuoted = false;
    return isExpanded ? `some shells expand ${word}: put it into quotation marks` : undefined;
  }

  private endCommand(end: ShellCommand['after'] | '\n' | 'end'): string | undefined {
    const why = this.endWord();
    if (why !== undefined) return why;
    const { argv, after } = this;
    const isLine = end === '\n' || end === 'end';
    // A line may be empty, and a command may follow in the line after `&&`.
    if (argv.length === 0 && isLine && (after === ';' || end === '\n')) return undefined;
    if (argv.length === 0) return 'a command is missing beside “;”, “&&” or “||”';
    this.commands.push({ after, argv });
    this.argv = [];
    this.after = isLine ? ';' : end;
    return undefined;
  }
}

function needsShell(character: string): string {
  return `it needs a shell for “${character}”`;
}
