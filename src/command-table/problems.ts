import { ExitCode, Problem } from '../base/problem.ts';
import { commandsOf, type ProgramEntry } from './entry.ts';
import { didYouMean } from './suggest.ts';

/** A mistake in a command line. */
export function usageProblem(what: string, next: string): Problem {
  return new Problem({ code: 'usage', what, next, exit: ExitCode.usage });
}

/** @param more words that could have been meant, beside the commands */
export function commandUnknown(program: ProgramEntry, typed: string, more: readonly string[] = []): Problem {
  const names = [...commandsOf(program).map(({ name }) => name), ...more];
  const what = `There is no command ${JSON.stringify(typed)}.${didYouMean(typed, names)}`;
  return usageProblem(what, `See: ${program.name} --help`);
}
