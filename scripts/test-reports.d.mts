import type { Tally } from './tally.mjs';

/** @param projects the projects to run; none: all of them, and files that failed once more */
export function countTests(tally: Tally, projects: readonly string[], timeout: number): Promise<void>;
