import { joined, type Phrase, phrase } from '../base/phrase.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import type { GateEnrolment } from '../spa/enrolment.ts';
import { saidText } from './said.ts';

/**
 * Errors of deployments. No function here takes a password, so none can print one. Each error says whether anything was changed on
 * the target.
 */

const ONE_KEY_ONLY = phrase('With one key only, you are locked out if you lose this device.');
const CHOOSE_A_WAY = phrase('Choose a recovery key, another device or a trusted network; or decline a second way in.');

/** @param reasons each finding that stands in the way */
export function preflightStopped(host: string, reasons: readonly Phrase[]): Problem {
  return new Problem({
    code: 'preflight-stopped',
    what: phrase('{0}: a gate cannot be set up there as it is. Nothing was changed.', host),
    why: list(reasons),
    exit: ExitCode.configuration,
  });
}

export function lookFailed(host: string, said: string): Problem {
  return new Problem({
    code: 'look-failed',
    what: phrase('{0}: inspecting the server failed. Nothing was changed.', host),
    why: saidText(said),
    next: phrase(
      'The login shell of the account must be a POSIX shell (sh, bash, dash, zsh), and print nothing by itself.',
    ),
    exit: ExitCode.configuration,
  });
}

/** @param lock the file on the server that says who is at work */
export function hostBusy(host: string, name: string, forSeconds: number, leftSeconds: number, lock: string): Problem {
  return new Problem({
    code: 'host-busy',
    what: phrase('{0}: another command is already changing its gate. This command changed nothing.', host),
    why: phrase('{0} began {1} s ago.', name, forSeconds),
    next: phrase(
      'Wait until it ends. If it was interrupted, the lock ends by itself in {0} s; or run `rm {1}` as root on the server.',
      leftSeconds,
      lock,
    ),
    exit: ExitCode.inUse,
  });
}

/** Somebody else may have changed the server between the plan and its approval. */
export function lockLost(host: string): Problem {
  return new Problem({
    code: 'lock-lost',
    what: phrase('{0}: the answer took too long, so this plan may be out of date. Nothing was changed.', host),
    next: phrase('Run the command again: it inspects the server again.'),
    exit: ExitCode.inUse,
  });
}

export function notApproved(host: string): Problem {
  return new Problem({
    code: 'not-approved',
    what: phrase('{0}: not approved. Nothing was changed.', host),
    exit: ExitCode.cancelled,
  });
}

/** An upgrade of a server that has no gate. */
export function noGateThere(host: string): Problem {
  return new Problem({
    code: 'no-gate',
    what: phrase('{0}: there is no gate to upgrade. Nothing was changed.', host),
    next: phrase('To set up a gate: knockgate deploy {0}', host),
    exit: ExitCode.configuration,
  });
}

export function secondWayMissing(host: string): Problem {
  return new Problem({
    code: 'second-way-missing',
    what: phrase('{0}: no second way in was chosen. Nothing was changed.', host),
    why: ONE_KEY_ONLY,
    next: CHOOSE_A_WAY,
    exit: ExitCode.usage,
  });
}

export function secondWayIsThisDevice(host: string): Problem {
  return new Problem({
    code: 'second-way-missing',
    what: phrase('{0}: the second way in would be the key of this device. Nothing was changed.', host),
    why: ONE_KEY_ONLY,
    next: CHOOSE_A_WAY,
    exit: ExitCode.usage,
  });
}

export function secondWayNotKept(host: string): Problem {
  return new Problem({
    code: 'second-way-missing',
    what: phrase('{0}: the recovery key was not saved. Nothing was changed.', host),
    why: ONE_KEY_ONLY,
    exit: ExitCode.cancelled,
  });
}

/** The file of a recovery key is gone, or somebody else has written it, while a gate was being set up. */
export function recoveryFileChanged(path: string): Problem {
  return new Problem({
    code: 'recovery-file-changed',
    what: phrase('{0}: the recovery file was changed or removed meanwhile.', path),
    why: phrase('The gate’s line must be in it before anything is hidden.'),
    next: phrase('Keep the file and its disk in place until the gate is set up.'),
    exit: ExitCode.configuration,
  });
}

/** The trial ended before the confirmation: somebody took long to answer a login, or this computer slept. */
export function trialOver(host: string, seconds: number): Problem {
  return new Problem({
    code: 'trial-over',
    what: phrase('{0}: the trial of {1} s ended before the gate was confirmed.', host, seconds),
    exit: ExitCode.noAnswer,
  });
}

/** @param exit exit code of the program there, when it has the same ones as ours */
export function stepFailed(title: Phrase, said: Phrase | string, exit: ExitCode = ExitCode.fault): Problem {
  return new Problem({
    code: 'step-failed',
    what: phrase('A step failed on the host: {0}.', title),
    why: said,
    exit,
  });
}

export function checkFailed(host: string, why: Phrase): Problem {
  return new Problem({
    code: 'check-failed',
    what: phrase('{0}: the check from outside failed, so the gate was not kept.', host),
    why,
    exit: ExitCode.noAnswer,
  });
}

/**
 * The deployment ended before its confirmation, and was rolled back.
 * @param state present state of the server, and what became invalid
 */
export function takenBack(host: string, cause: unknown, state: readonly Phrase[]): Problem {
  const { code, what, why, next, exit } = partsOf(host, cause);
  // A person who cancels wants to know the result too.
  const [told, told2] =
    code === 'cancelled' ? ['taken-back', phrase('{0}: cancelled, and rolled back.', host)] : [code, what];
  return new Problem({
    code: told,
    what: joined([told2, ...state], ' '),
    ...(why && { why }),
    ...(next && { next }),
    exit,
  });
}

/**
 * The deployment ended before its confirmation, and could not be rolled back.
 * @param left parts that could not be rolled back
 * @param hidden set when ports were hidden: after how many seconds the server shows them by itself
 */
export function notTakenBack(
  host: string,
  cause: unknown,
  left: readonly string[],
  hidden: { readonly trialSeconds: number; readonly goesBack: boolean } | undefined,
): Problem {
  const { code, what, why, next, exit } = partsOf(host, cause);
  const itself = hidden?.goesBack
    ? phrase(' Within {0} seconds it rolls back to the previous version by itself.', hidden.trialSeconds + 15)
    : hidden && phrase(' It shows its ports again within {0} seconds in any case.', hidden.trialSeconds);
  const state =
    code === 'connection-lost'
      ? phrase('The unfinished changes are still on {0}. They hide no port.{1}', host, itself ?? '')
      : phrase('Not everything could be rolled back on {0}. What is left hides no port.{1}', host, itself ?? '');
  const reasons = [...(why === undefined ? [] : [why]), ...(code === 'connection-lost' ? [] : [list(left)])];
  return new Problem({
    code,
    what: joined([what, state], ' '),
    ...(reasons.length > 0 && { why: joined(reasons, '\n') }),
    ...(next && { next }),
    exit,
  });
}

function partsOf(host: string, cause: unknown): Problem['parts'] {
  if (cause instanceof Problem) return cause.parts;
  const what = `${host}: ${cause instanceof Error ? cause.message : String(cause)}`;
  return { code: 'fault', what, exit: ExitCode.fault };
}

/** Puts the resulting state of the server behind the advice of an error. */
function withState(host: string, cause: unknown, state: Phrase): Problem {
  const { code, what, why, next, exit } = partsOf(host, cause);
  const after = next === undefined ? state : joined([next, state], '\n');
  return new Problem({ code, what, ...(why && { why }), next: after, exit });
}

/** The connection broke during the confirmation, and the deployment could not be rolled back. */
export function confirmationUnknown(host: string, cause: unknown): Problem {
  return new Problem({
    code: 'confirmation-unknown',
    what: phrase('{0}: the gate worked, but the connection broke while it was being confirmed.', host),
    why: cause instanceof Error ? cause.message : String(cause),
    next: phrase(
      'Either the gate stays and opens to this device, or the trial ends and the previous state returns. Set it up again: that finds out, and finishes the work.',
    ),
    exit: ExitCode.noRoute,
  });
}

/**
 * Output that a program on the server never prints: the answer was cut off, or something else gave it.
 * @param title what was asked
 */
export function answerNotUnderstood(host: string, title: Phrase, said: string): Problem {
  return new Problem({
    code: 'answer-not-understood',
    what: phrase('{0}: the server’s answer to this step is unreadable: {1}.', host, title),
    why: saidText(said),
    next: phrase('Try again. If it happens again, check that nobody has replaced `knockgated` on the server.'),
    exit: ExitCode.configuration,
  });
}

/** The server printed the line of a gate with other addresses, or another name, than it was given. */
export function lineOfAnother(host: string, { addresses, name }: Pick<GateEnrolment, 'addresses' | 'name'>): Problem {
  return new Problem({
    code: 'line-of-another',
    what: phrase('{0}: the gate line that it printed is for another server.', host),
    why: phrase(
      'It names {0} at {1}. A server that somebody else controls could print the line of another gate, to get the knocks that are meant for that one.',
      name,
      addresses.join(', '),
    ),
    next: phrase('Check that nobody has replaced `knockgated` on the server.'),
    exit: ExitCode.configuration,
  });
}

export function notAClient(host: string, device: string): Problem {
  return new Problem({
    code: 'not-a-client',
    what: phrase('{0}: its gate does not know the key of this device ({1}). Nothing was changed.', host, device),
    why: phrase(
      'A new gate key is kept only after a successful knock with it, and this gate does not accept knocks from this device.',
    ),
    next: phrase(
      'Enrol this device first, on the server or from a device that the gate knows: `sudo knockgated client add` with its line, which "Knockgate: Copy Public Key" copies in the editor and `knockgate pubkey` prints.',
    ),
    exit: ExitCode.configuration,
  });
}

/**
 * The gate did not hear a knock with its present line.
 * @param back whether the gate has its previous key again; an error when that failed; undefined when nobody wanted that
 */
export function rotationUndone(host: string, cause: unknown, back: 'back' | Error | undefined): Problem {
  const states = {
    back: phrase('The gate and this device have the previous key again.'),
    kept: phrase('This device has the present line of the gate. Diagnose the host to find out more.'),
  };
  const state =
    back instanceof Error
      ? phrase(
          'The gate could not return to its previous key ({0}). It still accepts that key, which this device has.',
          back.message.split('\n')[0] ?? '',
        )
      : states[back ?? 'kept'];
  return withState(host, cause, state);
}

export function nothingToRemove(host: string): Problem {
  return new Problem({
    code: 'nothing-to-remove',
    what: phrase('{0}: this server has no gate.', host),
    exit: ExitCode.configuration,
  });
}

export function packageRemoves(host: string): Problem {
  return new Problem({
    code: 'package-removes',
    what: phrase('{0}: a package has set up the gate there. Nothing was changed.', host),
    next: phrase('Remove the package on the server: sudo apt-get purge knockgate'),
    exit: ExitCode.configuration,
  });
}

export function gateFilesMissing(folder: string): Problem {
  return new Problem({
    code: 'gate-files-missing',
    what: phrase('{0}: the files for the server are missing.', folder),
    why: phrase(
      'deploy.js, gate-files.json and openpgp.min.cjs must be in the folder of this program; the build makes them.',
    ),
    next: phrase(
      'Put these files of `npm run build` into one folder: knockgate.cjs, knockgate-commands.cjs, deploy.js, gate-files.json, openpgp.min.cjs.',
    ),
    exit: ExitCode.configuration,
  });
}

/** Writes items as a list in Markdown. */
function list(items: readonly (Phrase | string)[]): Phrase {
  return joined(
    items.map((item) => joined(['- ', item], '')),
    '\n',
  );
}
