import { ExitCode, Problem } from '../spa/problem.ts';
import type { HostKey } from './connection/remote.ts';

/**
 * Every error of a deployment that a person reads. No function here takes a password, so none can print one; each says
 * whether anything was changed on the target.
 */

const UNTOUCHED = 'Nothing was sent to the host, and nothing was changed.';

export function settingsUnknown(host: string, said: string): Problem {
  return new Problem({
    code: 'ssh-settings-unknown',
    what: `${host}: ssh does not say how it would get there.`,
    why: `\`ssh -G\` said: ${said}`,
    next: 'The program ssh (OpenSSH) must be installed and its configuration right: try `ssh -G` with the same name.',
    exit: ExitCode.configuration,
  });
}

export function hostKeyChanged(host: string, key: HostKey, where: string): Problem {
  return new Problem({
    code: 'host-key-changed',
    what: `${host}: this is not the host that is known by that name. ${UNTOUCHED}`,
    why: `It shows a key of the kind ${key.type} with the fingerprint ${key.fingerprint}; ${where} has another one. Either it was installed anew, or somebody is in between.`,
    next: 'Ask whoever runs the host for its fingerprints. Only when they agree, take the old line out of that file.',
    exit: ExitCode.configuration,
  });
}

export function hostKeyRevoked(host: string, key: HostKey, where: string): Problem {
  return new Problem({
    code: 'host-key-revoked',
    what: `${host}: its key is marked as revoked. ${UNTOUCHED}`,
    why: `${where} revokes the key ${key.fingerprint}: somebody else may have it.`,
    next: 'Ask whoever runs the host.',
    exit: ExitCode.configuration,
  });
}

export function hostKeyUnknown(host: string, key: HostKey): Problem {
  return new Problem({
    code: 'host-key-unknown',
    what: `${host} is not known yet, and StrictHostKeyChecking forbids to ask. ${UNTOUCHED}`,
    why: `It shows a key of the kind ${key.type} with the fingerprint ${key.fingerprint}.`,
    next: 'Add it to known_hosts when that is its fingerprint.',
    exit: ExitCode.configuration,
  });
}

export function hostKeyDeclined(host: string): Problem {
  return new Problem({
    code: 'host-key-declined',
    what: `${host}: the fingerprint was not accepted. ${UNTOUCHED}`,
    next: 'Whoever runs the host can tell its fingerprints: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there.',
    exit: ExitCode.cancelled,
  });
}

export function loginFailed(user: string, host: string): Problem {
  return new Problem({
    code: 'login-failed',
    what: `${host}: logging in as ${user} failed.`,
    why: 'The host took none of the keys, answers and passwords that it was offered.',
    next: `See that \`ssh ${host}\` works first, then try again.`,
    exit: ExitCode.keyUnreadable,
  });
}

export function loginFailedBySystem(host: string, said: string): Problem {
  return new Problem({
    code: 'login-failed',
    what: `${host}: the system's ssh did not get in.`,
    why: said === '' ? 'It said nothing.' : `It said:\n${said}`,
    next: `See that \`ssh ${host}\` works first, then try again.`,
    exit: ExitCode.noAnswer,
  });
}

export function notReached(host: string, hostName: string, port: number, said: string): Problem {
  return new Problem({
    code: 'not-reached',
    what: `${host}: no SSH connection to ${hostName} port ${port}.`,
    why: said,
    next: `See that \`ssh ${host}\` works first. If the host is behind a gate already, add it with \`knockgate add\`, so that it is knocked at first.`,
    exit: ExitCode.noAnswer,
  });
}

export function connectionLost(host: string): Problem {
  return new Problem({
    code: 'connection-lost',
    what: `${host}: the connection broke off.`,
    next: 'Connect again. What was begun and not confirmed undoes itself on the host.',
    exit: ExitCode.noRoute,
  });
}

export function jumpUnreadable(host: string, text: string): Problem {
  return new Problem({
    code: 'proxy-failed',
    what: `${host}: the jump host ${JSON.stringify(text)} cannot be read.`,
    next: 'Check ProxyJump in the SSH configuration.',
    exit: ExitCode.configuration,
  });
}

export function proxyFailed(host: string, why: string): Problem {
  return new Problem({
    code: 'proxy-failed',
    what: `${host}: no way through its jump host or ProxyCommand.`,
    why,
    next: `See that \`ssh ${host}\` works first, then try again.`,
    exit: ExitCode.noRoute,
  });
}

export function multiplexingMissing(host: string): Problem {
  return new Problem({
    code: 'multiplexing-missing',
    what: `${host}: its SSH settings ask for what only the system's ssh can do, and that cannot share a connection here.`,
    next: 'Deploy from Linux or macOS, or give this host settings with a plain key.',
    exit: ExitCode.configuration,
  });
}

export function sudoRefused(who: string): Problem {
  return new Problem({
    code: 'sudo-refused',
    what: `${who}: no password that sudo takes was given. Nothing was changed.`,
    next: 'Try again, or log in as root.',
    exit: ExitCode.privilege,
  });
}

export function sudoForbidden(who: string, why: string): Problem {
  return new Problem({
    code: 'sudo-forbidden',
    what: `${who}: this account cannot become root. Nothing was changed.`,
    why,
    next: 'Log in with an account that may run everything by sudo, or as root.',
    exit: ExitCode.privilege,
  });
}

/** @param reasons each finding that stands in the way */
export function preflightStopped(host: string, reasons: readonly string[]): Problem {
  return new Problem({
    code: 'preflight-stopped',
    what: `${host}: a gate cannot be set up there as it is. Nothing was changed.`,
    why: reasons.map((reason) => `- ${reason}`).join('\n'),
    exit: ExitCode.configuration,
  });
}

export function lookFailed(host: string, said: string): Problem {
  return new Problem({
    code: 'look-failed',
    what: `${host}: it cannot be looked at. Nothing was changed.`,
    why: said.trim() === '' ? 'It said nothing.' : `It said: ${said.trim().slice(0, 500)}`,
    next: 'The login shell of the account must be a POSIX shell (sh, bash, dash, zsh), and print nothing by itself.',
    exit: ExitCode.configuration,
  });
}

export function notApproved(host: string): Problem {
  return new Problem({
    code: 'not-approved',
    what: `${host}: not approved. Nothing was changed.`,
    exit: ExitCode.cancelled,
  });
}

export function secondWayMissing(host: string): Problem {
  return new Problem({
    code: 'second-way-missing',
    what: `${host}: there is no second way in. Nothing was changed.`,
    why: 'With one key only, losing this device is being locked out.',
    next: 'Choose one: --recovery-key FILE, --device LINE, --trust NETWORK; or decline it with --no-second-way.',
    exit: ExitCode.usage,
  });
}

export function stepFailed(title: string, said: string): Problem {
  return new Problem({
    code: 'step-failed',
    what: `This did not work on the host: ${title}.`,
    why: said,
    exit: ExitCode.fault,
  });
}

export function checkFailed(host: string, why: string): Problem {
  return new Problem({
    code: 'check-failed',
    what: `${host}: the check from outside failed, so the gate is not kept.`,
    why,
    exit: ExitCode.noAnswer,
  });
}

/**
 * A deployment that ended before its confirmation.
 * @param left what could not be taken back; none when the host is as it was
 * @param trialSeconds after which the host shows its ports by itself, when there was a trial
 */
export function deploymentUndone(
  host: string,
  cause: unknown,
  left: readonly string[],
  switched: { readonly trialSeconds: number; readonly goesBack: boolean } | undefined,
): Problem {
  const problem = cause instanceof Problem ? cause.text : undefined;
  const itself = switched?.goesBack
    ? ` Within ${switched.trialSeconds + 15} seconds it goes back by itself to what was in force before.`
    : switched && ` Its ports show themselves within ${switched.trialSeconds} seconds, whatever happens.`;
  const state =
    left.length === 0
      ? `${host} is as it was before, apart from packages.`
      : `Not everything could be taken back on ${host}:\n${left.map((each) => `- ${each}`).join('\n')}\nNothing of it hides a port.${itself ?? ''}`;
  return new Problem({
    code: problem?.code ?? 'fault',
    what: problem?.what ?? `${host}: ${cause instanceof Error ? cause.message : String(cause)}`,
    ...(problem?.why === undefined ? {} : { why: problem.why }),
    next: [problem?.next, state].filter((part) => part !== undefined).join('\n'),
    exit: problem?.exit ?? ExitCode.fault,
  });
}

/** The connection broke while the confirmation was on its way, and what was done could not be taken back. */
export function confirmationUnknown(host: string, cause: unknown): Problem {
  return new Problem({
    code: 'confirmation-unknown',
    what: `${host}: the gate worked, and then the connection broke off while it was confirmed.`,
    why: cause instanceof Error ? cause.message : String(cause),
    next: 'Either it is in force, and opens to this device; or the trial ends, and the ports show themselves, or the gate of before comes back. Deploy again: that finds out, and finishes it.',
    exit: ExitCode.noRoute,
  });
}

export function notAClient(host: string, device: string): Problem {
  return new Problem({
    code: 'not-a-client',
    what: `${host}: its gate does not know the key of this device (${device}). Nothing was changed.`,
    why: 'A new key of the gate is kept only when a knock with it was heard, and a knock of this device is not.',
    next: `Enrol this device first: knockgate gate ${host} client add …, with the line that \`knockgate pubkey\` prints.`,
    exit: ExitCode.configuration,
  });
}

/**
 * A knock with the gate's line of now was not heard.
 * @param back whether the gate has its key of before again; an error when that failed; undefined when that was not to be
 */
export function rotationUndone(host: string, cause: unknown, back: 'back' | Error | undefined): Problem {
  const problem = cause instanceof Problem ? cause.text : undefined;
  const states = {
    back: 'The gate and this device have the key of before again.',
    kept: 'This device has the gate’s line of now; Diagnose tells more.',
  };
  const state =
    back instanceof Error
      ? `The gate could not be told to go back (${back.message.split('\n')[0]}), but hears the key of before, which this device has.`
      : states[back ?? 'kept'];
  return new Problem({
    code: problem?.code ?? 'fault',
    what: problem?.what ?? `${host}: ${cause instanceof Error ? cause.message : String(cause)}`,
    ...(problem?.why === undefined ? {} : { why: problem.why }),
    next: [problem?.next, state].filter((part) => part !== undefined).join('\n'),
    exit: problem?.exit ?? ExitCode.fault,
  });
}

export function nothingToRemove(host: string): Problem {
  return new Problem({
    code: 'nothing-to-remove',
    what: `${host}: there is no gate there.`,
    exit: ExitCode.configuration,
  });
}

export function packageRemoves(host: string): Problem {
  return new Problem({
    code: 'package-removes',
    what: `${host}: a package has set up the gate there. Nothing was changed.`,
    next: 'Remove it the same way: apt-get purge knockgate',
    exit: ExitCode.configuration,
  });
}

export function gateFilesMissing(folder: string): Problem {
  return new Problem({
    code: 'gate-files-missing',
    what: `${folder}: what a server needs is not there.`,
    why: 'deploy.js and gate-files.json, which the build makes, belong beside this program.',
    next: 'Put the three files of `npm run build` into one folder: knockgate.cjs, deploy.js, gate-files.json.',
    exit: ExitCode.configuration,
  });
}
