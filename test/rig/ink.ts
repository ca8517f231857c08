/** Colours and marks of text; plain text without colours. No fact is shown by colour alone. */
export interface Ink {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** Whether a printed line can be printed over. */
  live: boolean;
}

const plain = (text: string) => text;
const sgr = (start: number, end: number) => (text: string) => `\u001b[${start}m${text}\u001b[${end}m`;

/** Colours on a terminal that has them, unless NO_COLOR is set (no-color.org). */
export function ink(out: NodeJS.WriteStream, env = process.env): Ink {
  const live = out.isTTY === true && env.TERM !== 'dumb';
  if (!live || env.NO_COLOR) return { bold: plain, dim: plain, good: plain, bad: plain, live };
  return { bold: sgr(1, 22), dim: sgr(2, 22), good: sgr(32, 39), bad: sgr(31, 39), live };
}
