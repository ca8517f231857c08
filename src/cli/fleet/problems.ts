import { ExitCode, Problem } from '../../base/problem.ts';

/** @param file in the store */
export function alreadyPublished(file: string, folder: string): Problem {
  return new Problem({
    code: 'already-published',
    what: `${folder}: there is another ${file} already. It stays as it is.`,
    why: 'Somebody else has published one of that number.',
    next: 'Look at what was published, then sign a document of the next number.',
    exit: ExitCode.configuration,
  });
}

export function sshKeygenMissing(): Problem {
  return new Problem({
    code: 'ssh-keygen-missing',
    what: 'ssh-keygen is not installed on this computer, and nothing was signed.',
    next: "Install OpenSSH's client, in Debian the package openssh-client, and try again.",
    exit: ExitCode.programMissing,
  });
}

/** @param key path of its file */
export function notSigned(key: string, why: string): Problem {
  return new Problem({
    code: 'not-signed',
    what: `${key}: nothing was signed with this key.`,
    why,
    next: 'Look at the words of ssh-keygen above, and try again. A new key comes from: ssh-keygen -t ed25519 -f FILE',
    exit: ExitCode.keyUnreadable,
  });
}
