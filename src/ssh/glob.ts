import { matchesPieces, type Piece, piecesOf } from './wildcard.ts';

/**
 * Matches one part of a path, without slashes, with a pattern of `*`, `?` and `[…]`, as glob(3) does: only a dot in the
 * pattern matches a leading dot.
 */
export function globPart(pattern: string): (name: string) => boolean {
  const pieces = [...pattern.matchAll(/\[(!?)([^\]]+)\]|[\s\S]/g)].flatMap(([token, not, set]) =>
    set === undefined ? piecesOf(token) : [setOf(not === '!', set)],
  );
  return (name) => (pattern.startsWith('.') || !name.startsWith('.')) && matchesPieces(pieces, name);
}

/** A range that runs backwards, `[z-a]`, matches nothing. */
function setOf(not: boolean, set: string): Piece {
  try {
    const expression = new RegExp(`[${not ? '^' : ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`, 's');
    return (character) => expression.test(character);
  } catch {
    return () => false;
  }
}

/** Whether a text contains a sign that `globPart` treats as a pattern. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}
