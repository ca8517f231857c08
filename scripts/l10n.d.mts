/** The texts that a source file hands to l10n.t, and what is wrong with how it does so. */
export function textsIn(path: string, source: string): { texts: string[]; wrong: string[] };

/** Lists faults of a translation, a line each. */
export function faultsOf(name: string, original: Record<string, string>, translation: Record<string, string>): string[];

/** Lists faults of the texts and their translations, a line each. */
export function l10nFaults(): string[];
