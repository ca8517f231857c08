import { type Line, linesOf, withLinesAtTop } from './config-lines.ts';

/*
 * Entries for single hosts in an SSH configuration, each between two marks. They are at the top, since ssh uses the first
 * value that it finds. Texts have one character for each byte of the file, so every byte is kept, whatever its encoding.
 */

/** The marks around the entry of a host. */
export function hostMarks(host: string): { readonly begin: string; readonly end: string } {
  return { begin: `# >>> knockgate ${host} >>>`, end: `# <<< knockgate ${host} <<<` };
}

/** Somebody has edited the marks, or written between them: which lines are ours is unknown. */
export class MalformedHostBlock extends Error {
  readonly host: string;

  constructor(host: string) {
    super(`the entry of ${host} was edited`);
    this.host = host;
  }
}

/**
 * Puts the entry of a host at the top, and replaces an earlier one. An empty line keeps it apart from the rest.
 * @throws MalformedHostBlock
 */
export function withHostBlock(before: string, host: string, lines: readonly string[]): string {
  const rest = withoutHostBlock(before, host) ?? before;
  const { begin, end } = hostMarks(host);
  return withLinesAtTop(rest, [begin, ...lines, end, ...(linesOf(rest).length === 0 ? [] : [''])]);
}

/**
 * Takes out the entry of a host, and the empty line behind it. Every other byte stays.
 * @returns undefined when there is no entry
 * @throws MalformedHostBlock
 */
export function withoutHostBlock(before: string, host: string): string | undefined {
  const lines = linesOf(before);
  const { begin, end } = hostMarks(host);
  const marks = lines.filter(({ text }) => text === begin || text === end);
  const [first, last] = marks;
  if (first === undefined) return undefined;
  if (last === undefined || marks.length > 2 || first.text !== begin || last.text !== end)
    throw new MalformedHostBlock(host);
  const from = lines.indexOf(first);
  const to = lines.indexOf(last);
  if (!isEntry(lines.slice(from + 1, to), host)) throw new MalformedHostBlock(host);
  const next = lines[to + 1];
  return before.slice(0, first.start) + before.slice(next?.text === '' ? next.end : last.end);
}

/** Whether lines are those that we write: a line of somebody else's must not get lost with them. */
function isEntry(lines: readonly Line[], host: string): boolean {
  const [head, ...rest] = lines.map(({ text }) => text);
  const proxy = rest.pop();
  const isOurs = head === `Host ${host}` && rest.length <= 1 && rest.every((line) => /^Port \d+$/.test(line));
  return isOurs && proxy?.startsWith('ProxyCommand ') === true && proxy.endsWith(` connect ${host} %p`);
}
