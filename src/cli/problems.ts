import { ExitCode, Problem } from '../spa/problem.ts';

/** @param login what ssh would have been given */
export function sshMissing(login: string): Problem {
  return new Problem({
    code: 'ssh-missing',
    what: 'The port is open, but there is no program ssh on this computer.',
    next: `Install OpenSSH's client and try again, or log in with another one at once: ${login}`,
    exit: ExitCode.programMissing,
  });
}
