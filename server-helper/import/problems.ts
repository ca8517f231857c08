import { ExitCode, Problem } from '../../src/base/problem.ts';

/** A gate has no secret that several devices share: without a client nobody could knock at the result. */
export function clientsMissing(program: string): Problem {
  return new Problem({
    code: 'usage',
    what: `The secret of ${program} cannot be carried over: a gate knows each client by a key of its own.`,
    next: "Add --client 'LINE' for each client, with the line that `knockgate pubkey` prints there.",
    exit: ExitCode.usage,
  });
}
