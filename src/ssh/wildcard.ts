/** One piece of a pattern: any text, none included, or one character of a kind. */
export type Piece = 'any' | ((character: string) => boolean);

/**
 * Whether a pattern matches a whole text. Takes at most as many steps as one is long times the other: as a regular expression, a
 * pattern with many stars could take longer than anybody waits.
 */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  let [piece, at] = [0, 0];
  // Behind the last star that was passed, and how far it reached: if the rest does not fit, it reaches one further.
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

/** A pattern in which only `*` and `?` mean something (ssh_config(5), "PATTERNS"). */
export function piecesOf(pattern: string): Piece[] {
  return Array.from({ length: pattern.length }, (_, i): Piece => {
    const sign = pattern.charAt(i);
    if (sign === '*') return 'any';
    return sign === '?' ? () => true : (character) => character === sign;
  });
}
