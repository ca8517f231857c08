/**
 * Matches one part of a path (no slash in it) against a pattern with `*`, `?` and `[…]`, as glob(3) does: a leading dot
 * must be written out.
 */
export function globPart(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (token, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`;
    if (token === '*') return '.*';
    if (token === '?') return '.';
    return token.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
  const matches = compile(`^${source}$`);
  return (name) => (pattern.startsWith('.') || !name.startsWith('.')) && matches(name);
}

/** A range that runs backwards, `[z-a]`, matches nothing. */
function compile(source: string): (name: string) => boolean {
  try {
    const expression = new RegExp(source, 's');
    return (name) => expression.test(name);
  } catch {
    return () => false;
  }
}

/** Whether a text has anything that `globPart` would treat as a pattern. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}
