import { ExitCode } from '../base/problem.ts';

/** Meaning of an exit code, and which of the two programs ends with it. */
interface Meaning {
  readonly code: ExitCode;
  readonly meaning: string;
  readonly of: 'both' | 'knockgate' | 'knockgated';
}

const MEANINGS: readonly Meaning[] = [
  { code: ExitCode.done, meaning: 'done', of: 'both' },
  { code: ExitCode.fault, meaning: 'a fault of the program, or a step on the server that failed', of: 'both' },
  { code: ExitCode.usage, meaning: 'wrong usage: the command line, or a value in it, is invalid', of: 'both' },
  {
    code: ExitCode.configuration,
    meaning: 'a file of settings is missing or invalid, or does not know the host',
    of: 'both',
  },
  { code: ExitCode.privilege, meaning: 'not allowed, or a login was refused', of: 'both' },
  { code: ExitCode.programMissing, meaning: 'a program is missing', of: 'both' },
  {
    code: ExitCode.inUse,
    meaning: 'in use already: a name, a file, a port, a host that somebody else works on',
    of: 'both',
  },
  { code: ExitCode.nameNotFound, meaning: 'the name of the host was not found', of: 'knockgate' },
  { code: ExitCode.noRoute, meaning: 'no way to the host from here', of: 'knockgate' },
  { code: ExitCode.noAnswer, meaning: 'the host did not answer: its port did not open', of: 'knockgate' },
  { code: ExitCode.cancelled, meaning: 'cancelled', of: 'knockgate' },
  { code: ExitCode.cancelled, meaning: 'cancelled, or the trial had run out', of: 'knockgated' },
  { code: ExitCode.keyUnreadable, meaning: 'a key is missing or cannot be read', of: 'both' },
  {
    code: ExitCode.someFailed,
    meaning: 'of several hosts, at least one has failed: the table says which and why',
    of: 'knockgate',
  },
];

/** Every exit code of a program, in order. */
export function exitCodesOf(program: string): readonly Meaning[] {
  return MEANINGS.filter((each) => each.of === 'both' || each.of === program);
}
