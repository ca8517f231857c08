import type { Proposals } from '../entry.ts';
import type { Context } from './contexts.ts';

/* Parts that the completions of the three shells share. */

/** Prints the names of the known hosts, one a line. */
export const HOST_NAMES = 'knockgate list --names 2>/dev/null';

/** A word for bash and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The words that lead from one context to the next: `KEY/ARGUMENTS SO FAR/WORD`. */
export function steps(contexts: readonly Context[]): string[] {
  return contexts.flatMap(({ key, words, wordsAfter }) => words.map(([word]) => `${key}/${wordsAfter}/${word}`));
}

/** Where arguments are that something can be proposed for, as a pattern of a shell. */
export function argumentPlaces({
  key,
  arguments: proposed,
  goesOn,
}: Context): { place: string; proposes: Proposals }[] {
  return proposed.flatMap((proposes, at) => {
    if (proposes === undefined) return [];
    const place = goesOn && at === proposed.length - 1 ? `${quoted(`${key}/`)}*` : quoted(`${key}/${at}`);
    return [{ place, proposes }];
  });
}
