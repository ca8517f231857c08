/*
 * Entries for single hosts in an SSH configuration, each between two marks. They are at the top, since ssh uses the first
 * value that it finds. Texts have one character for each byte of the file, so every byte is kept, whatever its encoding.
 */

const begin = (host: string) => `# >>> knockgate ${host} >>>`;
const end = (host: string) => `# <<< knockgate ${host} <<<`;

/** Puts the entry of a host at the top, and replaces an earlier one. */
export function withHostBlock(before: string, host: string, lines: readonly string[]): string {
  return [begin(host), ...lines, end(host), withoutHostBlock(before, host)].join('\n');
}

/** Takes out the entry of a host. */
function withoutHostBlock(before: string, host: string): string {
  const lines = before.split('\n');
  const from = lines.findIndex((line) => line.trim() === begin(host));
  const to = lines.findIndex((line, i) => i > from && line.trim() === end(host));
  return from < 0 || to < 0 ? before : [...lines.slice(0, from), ...lines.slice(to + 1)].join('\n');
}
