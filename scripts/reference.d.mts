/** The pages as they should be, by path. */
export function referencePages(): Record<string, string>;

/** The pages that are not as they should be. */
export function stalePages(): string[];
