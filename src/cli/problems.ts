import { quote } from '../base/printable.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import { hostMarks } from '../ssh/host-block.ts';

/**
 * Refuses to let `--yes` answer a question about the clock that nobody has seen.
 * @param detail how far apart the clocks are, and what to do
 */
export function clockNotAccepted(host: string, detail: string): Problem {
  return new Problem({
    code: 'clock-not-accepted',
    what: `${host}: ${detail}`,
    why: 'Gates refuse knocks that are more than a minute off, and --yes does not accept a wrong clock. Nothing was changed.',
    next: 'Correct the wrong clock and try again, or add --accept-clock.',
    exit: ExitCode.cancelled,
  });
}

/** @param error of the system that could not load them */
export function commandsMissing(error: unknown): Problem {
  return new Problem({
    code: 'commands-missing',
    what: 'Every command but knock and connect is missing.',
    why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
    next: 'Put knockgate-commands.cjs of `npm run build` beside knockgate.cjs.',
    exit: ExitCode.configuration,
  });
}

/** @param said output of another kind than a gate prints */
export function gateNotUnderstood(host: string, said: string): Problem {
  return new Problem({
    code: 'answer-not-understood',
    what: `${host}: the answer of the gate is unreadable.`,
    why: said.trim() === '' ? 'It said nothing.' : `It said: ${quote(said.trim())}`,
    next: `Try again. If it happens again, upgrade the gate: knockgate upgrade ${host}`,
    exit: ExitCode.configuration,
  });
}

/** @param login what ssh would have been given */
export function sshMissing(login: string): Problem {
  return new Problem({
    code: 'ssh-missing',
    what: 'The port is open, but ssh is not installed on this computer.',
    next: `Install OpenSSH's client and try again, or log in now with another client: ${login}`,
    exit: ExitCode.programMissing,
  });
}

/** The SSH configuration was left as it is. */
export function sshConfigRefused(path: string, refusal: 'changed-meanwhile' | 'read-only' | 'dead-link'): Problem {
  const why = {
    'changed-meanwhile': 'Somebody else changed it at the same moment.',
    'read-only': 'It is read-only.',
    'dead-link': 'It is a link that leads nowhere.',
  };
  return new Problem({
    code: 'ssh-config-refused',
    what: `${path}: left as it is.`,
    why: why[refusal],
    next: 'Try again, or put the lines there yourself.',
    exit: ExitCode.configuration,
  });
}

/** The entry of a host was edited: taking it out, or replacing it, could lose a line of the owner's. */
export function sshEntryEdited(path: string, host: string): Problem {
  const { begin, end } = hostMarks(host);
  return new Problem({
    code: 'ssh-config-refused',
    what: `${path}: left as it is.`,
    why: `The lines from "${begin}" to "${end}" are not as knockgate wrote them.`,
    next: 'Delete these lines and their marks yourself, then try again.',
    exit: ExitCode.configuration,
  });
}

/** Said before anything else is asked. */
export function recoveryFileImpossible(path: string, why: string): Problem {
  return new Problem({
    code: 'file-unusable',
    what: `The recovery key cannot be kept in ${path}. Nothing was changed.`,
    why,
    next: 'Make the folder or mount the disk, or name another file with --recovery-key.',
    exit: ExitCode.configuration,
  });
}

/** @param path of the file that the hosts file names */
export function sharedKeysMissing(host: string, path: string): Problem {
  return new Problem({
    code: 'key-missing',
    what: `There is no file ${path}.`,
    why: `\`keyFile\` of ${host} names it: it holds the keys that this device shares with the server.`,
    next: 'Copy them from the server into that file, for you alone to read (mode 600), or correct `keyFile`.',
    exit: ExitCode.keyUnreadable,
  });
}

/** With several hosts nobody is asked for it: it would be asked for each of them. */
export function secondWayNotNamed(host: string): Problem {
  return new Problem({
    code: 'second-way-missing',
    what: `${host}: no second way in is named. Nothing was changed.`,
    why: 'With several hosts it is not asked for.',
    next: 'Add one of --recovery-key, --device, --trust or --no-second-way, for all of the hosts.',
    exit: ExitCode.usage,
  });
}
