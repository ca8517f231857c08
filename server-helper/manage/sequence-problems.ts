import { ExitCode, Problem } from '../../src/base/problem.ts';

/** @param known names of the sequences that there are */
export function sequenceUnknown(name: string, known: readonly string[]): Problem {
  return new Problem({
    code: 'sequence-unknown',
    what: `There is no [[sequence]] of the name ${name}.`,
    next: known.length === 0 ? 'gate.toml has none: see gate.toml(5).' : `There are ${known.join(', ')}.`,
    exit: ExitCode.usage,
  });
}

/** A client waits for a port that opens. */
export function sequenceOpensNothing(name: string): Problem {
  return new Problem({
    code: 'sequence-opens-nothing',
    what: `${name} opens no port, it only runs an action.`,
    next: 'Send its steps with knock(1), or give it a port to open.',
    exit: ExitCode.usage,
  });
}
