/*
 * Edits of the hosts file as text, so that comments and order stay. They look at lines only: the
 * caller compares what the text says before and after.
 */

/** Fields of a host's table. Texts have no quotes or backslashes in them. */
export type Fields = Readonly<Record<string, string | number | readonly string[]>>;

function tomlField(field: string, value: Fields[string]): string {
  const quoted = (text: string): string => `"${text}"`;
  if (typeof value === 'number') return `${field} = ${value}`;
  return `${field} = ${typeof value === 'string' ? quoted(value) : `[${value.map(quoted).join(', ')}]`}`;
}

/** The line breaks between a file and a table that is put behind it: one empty line, and none at the top. */
export function gapBehind(before: string): string {
  if (before === '') return '';
  return before.endsWith('\n') ? '\n' : '\n\n';
}

export function withTable(before: string, name: string, fields: Fields): string {
  const lines = Object.entries(fields).map(([field, value]) => `${tomlField(field, value)}\n`);
  return `${before}${gapBehind(before)}[${tomlKey(name)}]\n${lines.join('')}`;
}

/** The line with which the table of a host begins; below 0 when there is none. */
function headerOf(lines: readonly string[], name: string): number {
  const headers = [`[${name}]`, `["${name}"]`, `['${name}']`];
  return lines.findIndex((text) => headers.includes(text.replace(/#.*$/, '').replaceAll(/\s/g, '')));
}

/** Where the table of a host is, with the comments below its name: from line to line, the last one not counted. */
function rangeOf(lines: readonly string[], name: string): { from: number; to: number } | undefined {
  const from = headerOf(lines, name);
  if (from < 0) return undefined;
  const next = lines.findIndex((text, i) => i > from && /^\s*\[/.test(text));
  // The last line is an empty one, behind the last line break.
  let to = next < 0 ? lines.length - 1 : next;
  // Comments right above the next table are about that one.
  while (next >= 0 && /^\s*#/.test(lines[to - 1] ?? '')) to -= 1;
  return { from, to };
}

/** Leaves out the table of a host. */
export function withoutTable(before: string, name: string): string | undefined {
  const lines = before.split('\n');
  const range = rangeOf(lines, name);
  return range && [...lines.slice(0, range.from), ...lines.slice(range.to)].join('\n');
}

/** Gives a table another name. */
export function withName(before: string, name: string, to: string): string | undefined {
  const lines = before.split('\n');
  const header = headerOf(lines, name);
  if (header < 0) return undefined;
  const comment = /#.*$/.exec(lines[header] ?? '')?.[0];
  lines[header] = `[${tomlKey(to)}]${comment === undefined ? '' : ` ${comment}`}`;
  return lines.join('\n');
}

/** Gives a host the table that it has in another text. */
export function withTableOf(now: string, name: string, other: string): string | undefined {
  const [lines, others] = [now.split('\n'), other.split('\n')];
  const [range, table] = [rangeOf(lines, name), rangeOf(others, name)];
  if (range === undefined || table === undefined) return undefined;
  return [...lines.slice(0, range.from), ...others.slice(table.from, table.to), ...lines.slice(range.to)].join('\n');
}

/** Puts fields into the table of a host, looking at lines only: the caller checks the result. */
export function withFields(before: string, name: string, fields: Fields): string | undefined {
  const lines = before.split('\n');
  const header = headerOf(lines, name);
  if (header < 0) return undefined;
  for (const [field, value] of Object.entries(fields)) {
    const next = lines.findIndex((text, i) => i > header && /^\s*\[/.test(text));
    const isField = (text: string) => text.split('=')[0]?.trim() === field;
    const at = lines.findIndex((text, i) => i > header && (next < 0 || i < next) && isField(text));
    const comment = /^[^"'#]*(?:"[^"]*"|'[^']*'|[0-9]+)(\s*#.*)$/.exec(lines[at] ?? '')?.[1] ?? '';
    // A new field comes right behind the name.
    if (at < 0) lines.splice(header + 1, 0, tomlField(field, value));
    else lines[at] = `${tomlField(field, value)}${comment}`;
  }
  return lines.join('\n');
}

/** A name as a TOML key: names have no quotes or backslashes in them. */
function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : `"${name}"`;
}
