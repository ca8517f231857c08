import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';

/** A word of a command line. */
export interface Word {
  readonly text: string;
  /** Whether a shell or systemd puts the value of a variable into it. */
  readonly isExpanded: boolean;
}

/** A call of a program, in a script or a unit file of systemd. */
export interface ProgramLine {
  readonly line: number;
  /** The words behind its name. */
  readonly words: readonly Word[];
}

/** Words that may be in front of the program's name, and change nothing about what it does. */
const IN_FRONT = new Set(['exec', 'nohup', 'sudo', 'env', 'python', 'python2', 'python3']);
/** Characters that may be in front of a program in a unit file; the others that there are change how the words are read. */
const PREFIX = /^[-@+!]*/;
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

interface NumberedLine {
  readonly line: number;
  readonly text: string;
}

/** The lines of a text. One that ends in a backslash goes on in the next. */
export function wholeLines(text: string): NumberedLine[] {
  const found: NumberedLine[] = [];
  let open: NumberedLine | undefined;
  for (const [i, part] of text.split(/\r?\n/).entries()) {
    const { line, text: before } = open ?? { line: i + 1, text: '' };
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(part);
    const whole = { line, text: before + (goesOn ? part.slice(0, -1) : part) };
    if (goesOn) open = whole;
    else {
      open = undefined;
      found.push(whole);
    }
  }
  return open === undefined ? found : [...found, open];
}

/**
 * Finds the calls of a program: `ExecStart=` of a unit file, or commands of a shell script. A call that cannot be read is noted.
 * @param programs names of the program
 */
export function programLines(text: string, programs: readonly string[], note: Note): ProgramLine[] {
  const lines = wholeLines(text);
  const isUnit = lines.some((each) => /^\[Service\]\s*$/.test(each.text.trim()));
  return lines.flatMap(({ line, text: whole }) => {
    const trimmed = whole.trim();
    if (!programs.some((name) => trimmed.includes(name)) || /^[#;]/.test(trimmed)) return [];
    const [, directive, value = ''] = /^([A-Za-z]+)\s*=\s*(.*)$/s.exec(trimmed) ?? [];
    if (isUnit && directive !== 'ExecStart') {
      // A description or a condition may name the program.
      if (directive?.startsWith('Exec')) note(line, phrase('{0} is left out: only ExecStart is read', directive));
      return [];
    }
    const words = isUnit ? systemdWords(value) : shellWords(trimmed);
    if (typeof words === 'string') {
      note(line, phrase('this call is left out: {0}', words));
      return [];
    }
    const at = words.findIndex((word) => programs.includes(baseName(word.text)));
    const inFront = words.slice(0, at).find((word) => !IN_FRONT.has(baseName(word.text)));
    // A word holds the name, and is another.
    if (at < 0) return [];
    if (inFront === undefined) return [{ line, words: words.slice(at + 1) }];
    // A variable that is set in front may be the secret.
    const [name = ''] = inFront.text.split('=');
    note(line, phrase('this call is left out: {0} is not understood in front of it', name));
    return [];
  });
}

/** Splits an `ExecStart=` as systemd.service(5) does, section "COMMAND LINES"; or says why it cannot be read. */
function systemdWords(value: string): Word[] | string {
  const prefix = PREFIX.exec(value)?.[0] ?? '';
  if (value[prefix.length] === ':') return 'the prefix “:” of ExecStart is not understood';
  return wordsOf(value.slice(prefix.length), {
    literal: () => false,
    special: (rest) => {
      if (rest.startsWith('$$')) return { length: 2, text: '$', isExpanded: false };
      if (rest.startsWith('%%')) return { length: 2, text: '%', isExpanded: false };
      if (rest.startsWith('$') || rest.startsWith('%')) return { length: 1, text: rest.slice(0, 1), isExpanded: true };
      return rest.startsWith(';') ? 'it has several commands' : undefined;
    },
  });
}

/** Splits one command of a shell, without the `&` that sends it into the background; or says why it cannot be read. */
function shellWords(line: string): Word[] | string {
  return wordsOf(line.replace(/\s*&\s*$/, ''), {
    literal: (quote) => quote === "'",
    special: (rest, quote) => {
      const first = rest.slice(0, 1);
      if (first === '$' || first === '`') return { length: 1, text: first, isExpanded: true };
      if (quote === undefined && ';|&<>()*?[{~'.includes(first)) return `it needs a shell for “${first}”`;
      return undefined;
    },
  });
}

interface Special {
  readonly length: number;
  readonly text: string;
  readonly isExpanded: boolean;
}

interface Rules {
  /** Whether nothing is special between these quotation marks, not even a backslash. */
  readonly literal: (quote: string) => boolean;
  /** Meaning of what follows; undefined for an ordinary character, a text for what cannot be read. */
  readonly special: (rest: string, quote: string | undefined) => Special | string | undefined;
}

function wordsOf(text: string, { literal, special }: Rules): Word[] | string {
  const words: Word[] = [];
  let word: Word | undefined;
  let quote: string | undefined;
  const add = (more: string, isExpanded = false): void => {
    word = { text: (word?.text ?? '') + more, isExpanded: isExpanded || (word?.isExpanded ?? false) };
  };
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? '';
    const isLiteral = quote !== undefined && literal(quote);
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (character === quote || (quote === undefined && (character === "'" || character === '"'))) {
      add('');
      quote = quote === undefined ? character : undefined;
      at += 1;
    } else if (!isLiteral && character === '\\') {
      const escaped = text[at + 1];
      if (escaped === undefined || !/[\s"'\\$`]/.test(escaped)) return 'it has a “\\” whose meaning is unknown here';
      add(escaped);
      at += 2;
    } else if (quote === undefined && character === '#' && word === undefined) break;
    else {
      const found = isLiteral ? undefined : special(text.slice(at), quote);
      if (typeof found === 'string') return found;
      add(found?.text ?? character, found?.isExpanded);
      at += found?.length ?? 1;
    }
  }
  if (quote !== undefined) return `a quotation mark (${quote}) is missing`;
  return word === undefined ? words : [...words, word];
}
