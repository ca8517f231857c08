import { l10n } from 'vscode';
import { phrase } from '../../base/phrase.ts';
import { ExitCode, Problem } from '../../base/problem.ts';
import type { Log } from '../log.ts';
import type { Offer } from './tell.ts';
import { window } from './window.ts';

/** Additions to the text of an error. */
export interface Help {
  /** Buttons. */
  readonly offers: readonly Offer[];
  /** Problem to show instead, where more is known than the error says. */
  readonly shownAs?: Problem;
}

/** Makes an error one for people: an unexpected one is called a fault of ours. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({
    code: 'fault',
    what: phrase('Something went wrong inside Knockgate itself.'),
    why: error instanceof Error ? `${error.name}: ${error.message}` : phrase('Nothing more is known.'),
    next: phrase('Please report it, with what "Knockgate: Show Log" shows.'),
    exit: ExitCode.fault,
  });
}

/** Writes an error to the log; a fault of ours with the place in the code. */
export function logProblem(error: unknown, log: Log): Problem {
  const problem = asProblem(error);
  log.error(`${problem.text.code}: ${problem.message}`);
  if (problem !== error && error instanceof Error) log.error(error.stack ?? '');
  return problem;
}

/**
 * Shortens an error to one line. A notification has no line breaks and no Markdown: tooltip, log and diagnosis have the list of
 * what to check.
 */
function inOneLine({ text: { what, why, next } }: Problem): string {
  const parts = next?.includes('\n') ? [what, why] : [what, why, next];
  return parts
    .filter((part) => part !== undefined)
    .join(' ')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('`', '"');
}

/**
 * Shows an error: what, why, what to do next, the buttons that help, and a way to the log. Does not wait for the person, and is
 * never modal. A cancellation is not shown to the person who cancelled.
 */
export function showProblem(error: unknown, log: Log, showLog: () => void, help: Help = { offers: [] }): void {
  const problem = logProblem(error, log);
  if (problem.text.code === 'cancelled') return;
  const offers = [...help.offers, { title: l10n.t('Show Log'), run: showLog }];
  window
    .showErrorMessage(inOneLine(help.shownAs ?? problem), ...offers.map(({ title }) => title))
    .then((choice) => offers.find(({ title }) => title === choice)?.run());
}
