/*
 * Makes text of others safe to show: a server's words, a file's contents, a typed name. A terminal obeys control characters, some
 * readers obey invisible ones, and the editor makes a button of a Markdown link.
 */

/** Characters that are invisible or obeyed: controls, formatting (bidi, zero width, tags), separators, half characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** These characters without the end of a line and the tab. */
const INVISIBLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Place where the label of a Markdown link meets its target: the editor shows `[label](command:…)` as something to click. */
const LINK = /\](?=\()/g;
/** Most characters of a quotation: more than a sentence about a fault, less than a screen. */
const MOST_QUOTED = 60;

/** A text of several lines, with all that is invisible written out: `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(INVISIBLE_IN_LINES, writtenOut);
}

/** A text in which no part is a Markdown link: `[label] (target)`. */
export function withoutLinks(text: string): string {
  return text.replace(LINK, '] ');
}

/**
 * A text on one line, without anything invisible and without a link.
 * @param most how many characters; the rest becomes an ellipsis
 */
export function oneLine(text: string, most: number): string {
  const line = withoutLinks(printable(text)).trim().replace(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/**
 * A text as a code span for a Markdown document. Nothing in it is a link, an image or HTML.
 * @param most how many characters; the rest becomes an ellipsis
 */
export function codeSpan(text: string, most: number): string {
  return `\`${oneLine(text, most).replaceAll('`', "'")}\``;
}

/**
 * A text in quotation marks, as JSON, shortened: it is plain where somebody else's words begin and end.
 * @param most how many characters of it
 */
export function quote(text: string, most = MOST_QUOTED): string {
  const short = text.length > most ? `${text.slice(0, most - 3)}…` : text;
  return JSON.stringify(short).replace(INVISIBLE, writtenOut);
}

function writtenOut(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}
