import type { ProgramEntry } from '../entry.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

/** The shells that there is a completion for. */
export const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** A completion for a shell; undefined when there is none for it. */
export function completionFor(shell: string, program: ProgramEntry): string | undefined {
  return Object.entries(SHELLS).find(([name]) => name === shell)?.[1](program);
}
