/** One piece of a pattern: any text, even an empty one, or a test of one character. */
export type Piece = 'any' | ((character: string) => boolean);

/**
 * Whether a pattern matches a whole text. The number of steps is at most the product of both lengths. A regular expression
 * for a pattern with many stars could run for ever.
 */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  let [piece, at] = [0, 0];
  // The place behind the last star, and how much text that star has taken. If the rest does not match, it takes one
  // character more.
  let [afterStar, reached] = [-1, 0];
  while (at < text.length) {
    const expected = pieces[piece];
    if (expected === 'any') {
      piece += 1;
      [afterStar, reached] = [piece, at];
    } else if (expected?.(text.charAt(at)) === true) {
      piece += 1;
      at += 1;
    } else if (afterStar < 0) return false;
    else {
      reached += 1;
      [piece, at] = [afterStar, reached];
    }
  }
  return pieces.slice(piece).every((rest) => rest === 'any');
}

/** Reads a pattern in which only `*` and `?` have a meaning (ssh_config(5), "PATTERNS"). */
export function piecesOf(pattern: string): Piece[] {
  return Array.from({ length: pattern.length }, (_, i): Piece => {
    const sign = pattern.charAt(i);
    if (sign === '*') return 'any';
    return sign === '?' ? () => true : (character) => character === sign;
  });
}
