import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import { quote } from '../../base/printable.ts';
import { ExitCode, Problem } from '../../base/problem.ts';
import { saidText } from '../said.ts';
import type { HostKey } from './remote.ts';

/** Errors of connecting and logging in. No function here takes a password, so none can print one. */

/** Characters of the other side's words that are shown. */
const MOST_SAID = 200;
const UNTOUCHED = phrase('Nothing was sent to the host, and nothing was changed.');

export function settingsUnknown(host: string, said: Phrase | string): Problem {
  return new Problem({
    code: 'ssh-settings-unknown',
    what: phrase('{0}: ssh did not say how to reach it.', host),
    why: phrase('`ssh -G` said: {0}', said),
    next: phrase('Run `ssh -G {0}` in a terminal, and correct what it complains about.', host),
    exit: ExitCode.configuration,
  });
}

/** The program that knows the SSH configuration is not installed, or not at the path of a setting. */
export function sshMissing(host: string, program: string, platform: NodeJS.Platform): Problem {
  const install =
    platform === 'win32'
      ? phrase('Install it: Settings, System, Optional features, OpenSSH Client. Then open a new terminal.')
      : phrase('Install OpenSSH; on Debian and Ubuntu: sudo apt-get install openssh-client');
  return new Problem({
    code: 'ssh-missing',
    what: phrase('{0}: the program {1} was not found. {2}', host, program, UNTOUCHED),
    why: phrase('Knockgate asks ssh for the address, the account and the keys of this host.'),
    next: install,
    exit: ExitCode.configuration,
  });
}

export function hostKeyChanged(host: string, key: HostKey, where: string): Problem {
  return new Problem({
    code: 'host-key-changed',
    what: phrase('{0}: the host key has changed. {1}', host, UNTOUCHED),
    why: phrase(
      'The host presents a {0} key with the fingerprint {1}; {2} has another one. Either the host was reinstalled, or somebody is intercepting the connection.',
      key.type,
      key.fingerprint,
      where,
    ),
    next: phrase(
      'Ask the owner of the host for its fingerprints. Only if they match, remove the old line from that file.',
    ),
    exit: ExitCode.configuration,
  });
}

export function hostKeyRevoked(host: string, key: HostKey, where: string): Problem {
  return new Problem({
    code: 'host-key-revoked',
    what: phrase('{0}: its key is marked as revoked. {1}', host, UNTOUCHED),
    why: phrase('{0} revokes the key {1}: somebody else may have it.', where, key.fingerprint),
    next: phrase('Ask the owner of the host.'),
    exit: ExitCode.configuration,
  });
}

export function hostKeyUnknown(host: string, key: HostKey): Problem {
  return new Problem({
    code: 'host-key-unknown',
    what: phrase('{0} is not known yet, and StrictHostKeyChecking does not allow asking you. {1}', host, UNTOUCHED),
    why: phrase('The host presents a {0} key with the fingerprint {1}.', key.type, key.fingerprint),
    next: phrase('If that is the fingerprint of the host, add the key to known_hosts.'),
    exit: ExitCode.configuration,
  });
}

export function hostKeyDeclined(host: string): Problem {
  return new Problem({
    code: 'host-key-declined',
    what: phrase('{0}: the fingerprint was not accepted. {1}', host, UNTOUCHED),
    next: phrase(
      'Ask the owner of the host for its fingerprints; this prints one there: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`',
    ),
    exit: ExitCode.cancelled,
  });
}

export function loginFailed(user: string, host: string): Problem {
  return new Problem({
    code: 'login-failed',
    what: phrase('{0}: logging in as {1} failed.', host, user),
    why: phrase('The host accepted none of the keys, answers and passwords.'),
    next: phrase('Make sure that `ssh {0}` works first, then try again.', host),
    exit: ExitCode.keyUnreadable,
  });
}

export function loginFailedBySystem(host: string, said: string): Problem {
  return new Problem({
    code: 'login-failed',
    what: phrase("{0}: the system's ssh could not log in.", host),
    why: said === '' ? phrase('It said nothing.') : phrase('It said:\n{0}', said),
    next: phrase('Make sure that `ssh {0}` works first, then try again.', host),
    exit: ExitCode.noAnswer,
  });
}

/**
 * @param said the words of the system, of the library, or of the other side, which has proved nothing yet
 * @param code the system's, such as `ENOTFOUND`; undefined when it came from elsewhere
 */
export function notReached(
  host: string,
  hostName: string,
  port: number,
  said: string,
  code: string | undefined,
): Problem {
  return new Problem({
    code: 'not-reached',
    what: phrase('{0}: no SSH connection to {1} port {2}.', host, hostName, port),
    why: phrase('The reason given was {0}.', quote(said, MOST_SAID)),
    next: phrase(
      'Make sure that `ssh {0}` works first. If the host is behind a gate already, add it with the gate’s line: then Knockgate knocks first.',
      host,
    ),
    exit: code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? ExitCode.nameNotFound : ExitCode.noAnswer,
  });
}

/** The library and the server have no algorithm in common; the system's ssh may have. */
export function noCommonAlgorithm(host: string, said: string): Problem {
  return new Problem({
    code: 'no-common-algorithm',
    what: phrase('{0}: the ssh2 library and the server have no algorithm in common.', host),
    why: phrase('The library said: {0}', quote(said, MOST_SAID)),
    next: phrase("Use the system's ssh: leave out --ssh library, on Linux or macOS."),
    exit: ExitCode.configuration,
  });
}

export function connectionLost(host: string): Problem {
  return new Problem({
    code: 'connection-lost',
    what: phrase('{0}: the connection broke off.', host),
    next: phrase('Connect again. What was begun and not confirmed undoes itself on the host.'),
    exit: ExitCode.noRoute,
  });
}

/** The server accepts the connection, but starts no program: MaxSessions, or a rule against sessions. */
export function sessionRefused(host: string, said: string): Problem {
  return new Problem({
    code: 'session-refused',
    what: phrase('{0}: the server refuses to start a program on this connection.', host),
    why: phrase('It said: {0}', quote(said, MOST_SAID)),
    next: phrase('See MaxSessions in sshd_config on the server; one session is enough.'),
    exit: ExitCode.configuration,
  });
}

export function answerTooLong(host: string): Problem {
  return new Problem({
    code: 'answer-too-long',
    what: phrase('{0}: a program there sent too much output, so the connection was closed.', host),
    why: phrase('No answer that Knockgate expects is that long.'),
    next: phrase('See what `ssh {0} true` prints: a login shell must print nothing by itself.', host),
    exit: ExitCode.configuration,
  });
}

/**
 * The account runs something else than the command it was given.
 * @param who `dev@prod`
 */
export function commandNotRun(who: string, said: string): Problem {
  return new Problem({
    code: 'command-not-run',
    what: phrase('{0}: this account does not run the commands that it is given.', who),
    why: saidText(said),
    next: phrase(
      'A forced command, a restricted shell, a menu or nologin does that. Log in with an account whose shell is sh, bash, csh, fish or a similar one.',
    ),
    exit: ExitCode.configuration,
  });
}

/** The file that would hold the key of a host cannot be written. */
export function hostKeyNotNoted(host: string, path: string, reason: string): Problem {
  return new Problem({
    code: 'host-key-not-noted',
    what: phrase('{0}: its key cannot be written to {1}. {2}', host, path, UNTOUCHED),
    why: phrase('The system said {0}.', reason),
    next: phrase('Make that file writable, or name another one with UserKnownHostsFile in the SSH configuration.'),
    exit: ExitCode.configuration,
  });
}

export function jumpUnreadable(host: string, text: string): Problem {
  return new Problem({
    code: 'proxy-failed',
    what: phrase('{0}: the jump host {1} cannot be read.', host, quote(text)),
    next: phrase('Check ProxyJump in the SSH configuration.'),
    exit: ExitCode.configuration,
  });
}

export function proxyFailed(host: string, why: Phrase | string): Problem {
  return new Problem({
    code: 'proxy-failed',
    what: phrase('{0}: the connection through its jump host or ProxyCommand failed.', host),
    why,
    next: phrase('Make sure that `ssh {0}` works first, then try again.', host),
    exit: ExitCode.noRoute,
  });
}

/**
 * The program of a ProxyCommand has ended, and there is no connection.
 * @param how its exit code, or the signal that ended it; undefined when it could not be started
 */
export function proxyEnded(host: string, command: string, how: number | string | undefined, said: string): Problem {
  const program = quote(command, MOST_SAID);
  const reason =
    how === undefined
      ? phrase('The program {0} could not be started.', program)
      : phrase('The program {0} ended: {1}.', program, how);
  return new Problem({
    code: 'proxy-failed',
    what: phrase('{0}: its ProxyCommand made no connection. Nothing was changed.', host),
    why: said === '' ? reason : joined([reason, saidText(said)], ' '),
    next: phrase('Make sure that `ssh {0}` works first, then try again.', host),
    exit: ExitCode.noRoute,
  });
}

export function multiplexingMissing(host: string): Problem {
  return new Problem({
    code: 'multiplexing-missing',
    what: phrase("{0}: its SSH settings need the system's ssh, which cannot share a connection here.", host),
    next: phrase('Deploy from Linux or macOS, or give this host settings with a plain key.'),
    exit: ExitCode.configuration,
  });
}

export function sudoRefused(who: string): Problem {
  return new Problem({
    code: 'sudo-refused',
    what: phrase('{0}: sudo accepted no password. Nothing was changed.', who),
    next: phrase('Try again, or log in as root.'),
    exit: ExitCode.privilege,
  });
}

export function sudoForbidden(who: string, why: Phrase): Problem {
  return new Problem({
    code: 'sudo-forbidden',
    what: phrase('{0}: this account cannot become root. Nothing was changed.', who),
    why,
    next: phrase(
      'Log in as root, or with an account that may run everything by sudo, or by doas without a password (`permit nopass` in doas.conf).',
    ),
    exit: ExitCode.privilege,
  });
}
