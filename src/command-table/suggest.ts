/** A word that differs in more places is another word. */
const MOST_CHANGES = 2;

/**
 * The word that was probably meant: the only one that begins so, or the one with the fewest typing mistakes.
 * @returns undefined when no word is close
 */
export function suggest(typed: string, words: readonly string[]): string | undefined {
  const begun = typed.length < 2 ? [] : words.filter((word) => word.startsWith(typed));
  if (begun.length === 1) return begun[0];
  const limit = Math.min(MOST_CHANGES, Math.floor(typed.length / 2));
  const close = words
    .map((word) => ({ word, changes: changesBetween(typed, word) }))
    .filter(({ changes }) => changes <= limit)
    .sort((a, b) => a.changes - b.changes);
  return close[0]?.word;
}

/** ` Did you mean knock?`, or nothing. */
export function didYouMean(typed: string, words: readonly string[], prefix = ''): string {
  const meant = suggest(typed, words);
  return meant === undefined ? '' : ` Did you mean ${prefix}${meant}?`;
}

/** How many characters have to be inserted, left out, replaced, or swapped with their neighbour. */
function changesBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
