/** One line of an SSH configuration: its keyword in small letters, and its values. */
export interface ConfigLine {
  readonly keyword: string;
  readonly values: readonly string[];
}

/**
 * Splits the lines of an SSH configuration as OpenSSH does: `Keyword value` or `Keyword=value`, quotes around values with
 * spaces, `#` begins a comment where a word would begin. Empty lines are left out.
 */
export function configLines(text: string): ConfigLine[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const found = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/.exec(line);
    if (found === null) return [];
    const [, keyword = '', rest = ''] = found;
    return [{ keyword: keyword.toLowerCase(), values: wordsOf(rest) }];
  });
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, double, single, bare] of text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
    if (bare?.startsWith('#')) break;
    words.push(double ?? single ?? bare ?? '');
  }
  return words;
}
