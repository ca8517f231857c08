import { phrase } from '../base/phrase.ts';
import { ExitCode, Problem } from '../base/problem.ts';

/* Faults of a key file on Windows, which has access lists instead of modes. */

/** `others` are accounts, `ownSid` is the user's own. */
export function keyOpenToOthers(path: string, others: readonly string[], ownSid: string): Problem {
  // The second command leaves entries of other accounts that are not inherited.
  const commands = [`icacls "${path}" /reset`, `icacls "${path}" /inheritance:r /grant:r *${ownSid}:F`];
  return new Problem({
    code: 'key-readable-by-others',
    what: phrase('{0}: other users can access this key, so Knockgate does not use it.', path),
    why: phrase('These accounts can open it: {0}.', others.join(', ')),
    next: phrase('Run:\n{0}\n{1}\nIf somebody may have read it, make a new key instead.', ...commands),
    exit: ExitCode.keyUnreadable,
  });
}

/** The program that should say who can open a file gives no answer. */
export function keyAccessUnknown(path: string, program: string): Problem {
  return new Problem({
    code: 'key-access-unknown',
    what: phrase('{0}: Knockgate could not find out who else can open this key, so it does not use it.', path),
    why: phrase('The program {0} of Windows gave no answer.', program),
    next: phrase('Keep the key in your own profile, for example in %APPDATA%\\knockgate.'),
    exit: ExitCode.keyUnreadable,
  });
}
