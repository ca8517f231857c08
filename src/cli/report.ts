import { ExitCode, Problem, saidBy } from '../base/problem.ts';
import type { Shell } from './shell.ts';

type Heard = Pick<Shell, 'env' | 'print' | 'tell'>;

/**
 * Prints what went wrong: for people to stderr, or as the one JSON object that `--json` promises to stdout.
 * @param argv what the program was called with: an error in it must know of `--json` too
 * @returns the exit code
 */
export function report(error: unknown, argv: readonly string[], shell: Heard): ExitCode {
  const problem = error instanceof Problem ? error : fault(error, shell);
  const { code, what, why, next, exit } = problem.text;
  if (argv.includes('--json')) shell.print(JSON.stringify({ error: { code, what, why, next } }));
  else shell.tell(saidBy('knockgate', problem.message));
  return exit;
}

/** An error that nobody foresaw. */
export function fault(error: unknown, shell: Heard): Problem {
  if (shell.env.KNOCKGATE_DEBUG === '1' && error instanceof Error) shell.tell(error.stack ?? '');
  return new Problem({
    code: 'fault',
    what: 'Something went wrong inside knockgate itself.',
    why: error instanceof Error ? `${error.name}: ${error.message}` : 'Nothing more is known.',
    next: 'Please report it, with what KNOCKGATE_DEBUG=1 in the environment makes it print.',
    exit: ExitCode.fault,
  });
}
