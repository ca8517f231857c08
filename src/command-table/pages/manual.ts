import type { ProgramEntry } from '../entry.ts';
import { commandSections, commonOptions, examples, exitStatus, synopsis } from './roff.ts';

/** The sections of a manual page that are made from the table. */
const MADE: Readonly<Record<string, (program: ProgramEntry) => string>> = {
  SYNOPSIS: synopsis,
  COMMANDS: commandSections,
  OPTIONS: commonOptions,
  EXAMPLES: examples,
  'EXIT STATUS': exitStatus,
};

/**
 * A manual page with those of its sections made anew; all others stay as they are.
 * @throws Error when the page lacks one of them
 */
export function renewManual(page: string, program: ProgramEntry): string {
  return Object.entries(MADE).reduce((text, [title, make]) => {
    const begin = text.indexOf(`\n.SH ${title}\n`);
    if (begin < 0) throw new Error(`the manual of ${program.name} has no section ${title}`);
    const end = text.indexOf('\n.SH ', begin + 1);
    return `${text.slice(0, begin)}\n.SH ${title}\n${MARK}\n${make(program)}${end < 0 ? '\n' : text.slice(end)}`;
  }, page);
}

const MARK = '.\\" Made by npm run docs from src/command-table: edit that.';
