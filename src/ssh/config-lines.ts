/* Lines of an SSH configuration. Texts have one character for each byte of the file, so every byte is kept, whatever its encoding. */

const BYTE_ORDER_MARK = '\xEF\xBB\xBF';

export interface Line {
  readonly start: number;
  /** Position behind its line end. */
  readonly end: number;
  /** Text without white space around it. */
  readonly text: string;
}

export function linesOf(text: string): Line[] {
  const mark = startOf(text);
  return [...text.slice(mark).matchAll(/[^\n]*\n|[^\n]+$/g)].map(({ 0: line, index }) => ({
    start: mark + index,
    end: mark + index + line.length,
    text: line.trim(),
  }));
}

/** Puts lines at the top, with the line ends of the file. */
export function withLinesAtTop(text: string, lines: readonly string[]): string {
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
  const start = startOf(text);
  return text.slice(0, start) + lines.map((line) => line + lineEnd).join('') + text.slice(start);
}

function startOf(text: string): number {
  return text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
}
