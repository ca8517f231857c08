/** Width that fits on a terminal, and can be read. */
const COLUMNS = 88;

/** Breaks a text at its spaces. A line end in it stays. */
export function wrap(text: string, columns = COLUMNS): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(text: string, columns: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || `${last} ${word}`.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}

/** A term, and beside it its text, whose lines all begin at one column. */
export function hang(term: string, text: string, column: number): string {
  const lines = wrap(text, COLUMNS - column).split('\n');
  const indent = ' '.repeat(column);
  const head = term.length + 2 > column ? [term, ...lines.slice(0, 1).map((line) => indent + line)] : [];
  if (head.length > 0) return [...head, ...lines.slice(1).map((line) => indent + line)].join('\n');
  return [term.padEnd(column) + (lines[0] ?? ''), ...lines.slice(1).map((line) => indent + line)].join('\n');
}
