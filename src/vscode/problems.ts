import { joined, type Phrase, phrase } from '../base/phrase.ts';
import { quote } from '../base/printable.ts';
import { ExitCode, Problem } from '../base/problem.ts';

/*
 * Errors that only the extension knows; src/client/problems.ts has the others. No function here takes a secret, so none can show
 * one.
 */

/** No client key was ever made here. */
export function noKeyYet(): Problem {
  return new Problem({
    code: 'key-missing',
    what: phrase('There is no client key yet.'),
    next: phrase('Run "Knockgate: Copy Public Key" to make one, then enrol it on the gate.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** A client key was made here, but the editor has lost it. */
export function keyLost(): Problem {
  return new Problem({
    code: 'key-lost',
    what: phrase('The client key is missing from the key store of this device.'),
    why: phrase(
      'A key was made here before. A change of "knockgate.keyStore" moves no keys; on Linux without a keyring, the editor loses them when it is closed.',
    ),
    next: phrase(
      'Set "knockgate.keyStore" back, or install a keyring and restart the editor. If the key does not come back, import it; or forget it, make a new one with "Knockgate: Copy Public Key", and enrol that on your gates.',
    ),
    exit: ExitCode.keyUnreadable,
  });
}

export function keyBroken(): Problem {
  return new Problem({
    code: 'key-malformed',
    what: phrase('The client key in the secret storage of the editor is invalid.'),
    next: phrase(
      'Run "Knockgate: Forget Key…", make a new one with "Knockgate: Copy Public Key", and enrol that on your gates.',
    ),
    exit: ExitCode.keyUnreadable,
  });
}

/** The keys of a host that is not a gate of ours were never entered here. */
export function hostKeysMissing(host: string): Problem {
  return new Problem({
    code: 'host-keys-missing',
    what: phrase('{0}: its keys are not on this device.', host),
    why: phrase('Keys are kept by the editor on each device, never in the settings.'),
    next: phrase('Run "Knockgate: Set Keys of Host…" and enter those of the server.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** The keys were entered, but the editor has lost them. */
export function hostKeysLost(host: string): Problem {
  return new Problem({
    code: 'key-lost',
    what: phrase('{0}: its keys are missing from the key store of this device.', host),
    why: phrase(
      'They were here before. A change of "knockgate.keyStore" moves no keys; on Linux without a keyring, the editor loses them when it is closed.',
    ),
    next: phrase('Run "Knockgate: Set Keys of Host…" and enter those of the server again.'),
    exit: ExitCode.keyUnreadable,
  });
}

export function hostGpgKeysBroken(host: string): Problem {
  return new Problem({
    code: 'key-malformed',
    what: phrase('{0}: its keys do not match its settings.', host),
    why: phrase(
      'With `"mode": "gpg"` there must be the OpenPGP key of the server, and an HMAC key unless `hmac` is "none".',
    ),
    next: phrase('Run "Knockgate: Set Keys of Host…", or "Knockgate: Edit Host…" and choose the HMAC of the server.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** The passphrase of a private key is not kept, and was not entered in this window yet. */
export function hostKeysLocked(host: string): Problem {
  return new Problem({
    code: 'host-keys-locked',
    what: phrase('{0}: your OpenPGP key is locked.', host),
    why: phrase('Its passphrase is not kept; it is asked for once in each window.'),
    next: phrase('Run "Knockgate: Knock…" and enter it.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** The keys are in a file whose passphrase was not entered in this window yet. */
export function keysLocked(): Problem {
  return new Problem({
    code: 'keys-locked',
    what: phrase('The key file is locked.'),
    why: phrase('The setting "knockgate.keyStore" keeps keys in a file under a passphrase, once for each window.'),
    next: phrase('Run "Knockgate: Unlock Keys…" and enter the passphrase.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** A host names an identity that is not on this device. */
export function identityUnknown(identity: string): Problem {
  return new Problem({
    code: 'identity-unknown',
    what: phrase('There is no identity {0} on this device.', identity),
    next: phrase(
      'Make it with "Knockgate: Create Identity…", bring it from elsewhere with "Knockgate: Import Key…", or choose another with "Knockgate: Choose Identity for Host…".',
    ),
    exit: ExitCode.keyUnreadable,
  });
}

export function identityExists(identity: string): Problem {
  return new Problem({
    code: 'identity-exists',
    what: phrase('The identity {0} already exists, and Knockgate never overwrites its key.', identity),
    next: phrase('Choose another name, or run "Knockgate: Forget Key…" first.'),
    exit: ExitCode.inUse,
  });
}

/** There is no new key to decide about. */
export function noRotation(identity: string): Problem {
  return new Problem({
    code: 'no-rotation',
    what: phrase('There is no new key for {0}.', identity),
    next: phrase('Run "Knockgate: Rotate This Device’s Key…" to make one.'),
    exit: ExitCode.usage,
  });
}

/** A key would have been written to, or read from, the far side of a remote window. */
export function notOnThisComputer(): Problem {
  return new Problem({
    code: 'not-on-this-computer',
    what: phrase('That file is not on this computer.'),
    why: phrase('Keys stay on the computer that the editor runs on.'),
    next: phrase('In the dialog, choose "Show Local" and a folder here.'),
    exit: ExitCode.usage,
  });
}

/** A file without keys would have been read from the far side of a remote window. */
export function notReadHere(): Problem {
  return new Problem({
    code: 'not-on-this-computer',
    what: phrase('That file is not on this computer.'),
    why: phrase('It is read on the computer that the editor runs on.'),
    next: phrase('Copy it here; then, in the dialog, choose "Show Local" and the copy.'),
    exit: ExitCode.usage,
  });
}

/** A host without a gate cannot be knocked at. */
export function hostWithoutGate(name: string): Problem {
  return new Problem({
    code: 'host-unknown',
    what: phrase('{0}: no gate is known for this host.', name),
    next: phrase(
      'Run "Knockgate: Add Host…" with the line that `knockgated key` prints on the server. Without a gate, just connect.',
    ),
    exit: ExitCode.configuration,
  });
}

/** A file of fwknop's has nothing to import. */
export function noStanza(path: string): Problem {
  return new Problem({
    code: 'stanza-missing',
    what: phrase('{0} has no stanza for a server.', path),
    why: phrase('Expected a line such as "[bastion]", and what fwknop is to send below it.'),
    next: phrase('Choose the `.fwknoprc` that fwknop uses; or run "Knockgate: Add Host…".'),
    exit: ExitCode.usage,
  });
}

/** A stanza lacks something that every knock needs. */
export function stanzaUnusable(name: string, notes: readonly Phrase[]): Problem {
  return new Problem({
    code: 'stanza-unusable',
    what: phrase('The stanza {0} cannot be imported.', name),
    why: sentence(notes),
    next: phrase('Run "Knockgate: Add Host…" and enter what it lacks.'),
    exit: ExitCode.usage,
  });
}

/** A knockd.conf has nothing to import. */
export function noDoor(path: string): Problem {
  return new Problem({
    code: 'section-missing',
    what: phrase('{0} has no section for a door.', path),
    why: phrase('Expected a line such as "[openSSH]", and a `sequence` below it.'),
    next: phrase('Choose the knockd.conf of the server; or run "Knockgate: Add Host…".'),
    exit: ExitCode.usage,
  });
}

/** A section has no sequence that this device can send. */
export function doorUnusable(name: string, notes: readonly Phrase[]): Problem {
  return new Problem({
    code: 'section-unusable',
    what: phrase('The section {0} cannot be imported.', name),
    why: sentence(notes),
    next: phrase('Choose another section; or run "Knockgate: Add Host…" and enter what it lacks.'),
    exit: ExitCode.usage,
  });
}

/** The command is for a host of another kind. */
export function hostOfGate(name: string): Problem {
  return new Problem({
    code: 'host-other-kind',
    what: phrase('{0} shares no keys with this device: its gate knows the public key of this device.', name),
    next: phrase('Run "Knockgate: Copy Public Key" for the line that the gate needs.'),
    exit: ExitCode.usage,
  });
}

/** A fixed sequence has no keys: anybody who knows the steps can knock. */
export function hostWithoutKeys(name: string): Problem {
  return new Problem({
    code: 'host-other-kind',
    what: phrase('{0} shares no keys with this device: it opens to a fixed sequence of ports.', name),
    next: phrase('Run "Knockgate: Edit Host…" to change its steps.'),
    exit: ExitCode.usage,
  });
}

/** The command is for a gate, and the host is of another kind. */
export function hostNoGate(name: string): Problem {
  return new Problem({
    code: 'host-other-kind',
    what: phrase('{0} is not a gate of Knockgate.', name),
    next: phrase(
      'Run "Knockgate: Edit Host…" or "Knockgate: Set Keys of Host…" to change what this device knows of it.',
    ),
    exit: ExitCode.usage,
  });
}

/** The gate on the way to a host is behind another host. */
export function gateFurtherIn(name: string, behind: string): Problem {
  return new Problem({
    code: 'gate-further-in',
    what: phrase('{0}: its gate is out of reach from here.', name),
    why: phrase(
      'ssh goes through {0}, so the gate of {1} sees the address of {0}; a packet from here would open it for the wrong one.',
      behind,
      name,
    ),
    next: phrase(
      'Knock from {0} with the command line, `knockgate knock {1}`; or let the gate of {1} trust the network of {0} (`trusted_networks`).',
      behind,
      name,
    ),
    exit: ExitCode.configuration,
  });
}

/** A gate that never opened to this device stayed closed: names the most frequent cause. */
export function neverOpened(name: string): Problem {
  return new Problem({
    code: 'no-answer',
    what: phrase('{0} never opened to this device.', name),
    why: phrase('Usually the gate does not know the key of this device yet.'),
    exit: ExitCode.noAnswer,
  });
}

export function notADestination(text: string): Problem {
  return new Problem({
    code: 'destination-invalid',
    what: phrase('{0} is not a host.', quote(text)),
    next: phrase('Type it as you would give it to ssh: prod, root@203.0.113.7, or ssh://root@203.0.113.7:2222.'),
    exit: ExitCode.usage,
  });
}

/** No extension that opens windows over SSH is installed. */
export function noSshExtension({ name, isBundled }: { readonly name: string; readonly isBundled: boolean }): Problem {
  return new Problem({
    code: 'ssh-extension-missing',
    what: phrase('No extension that opens windows over SSH is active.'),
    why: phrase('Knockgate opens the port; your editor’s SSH extension opens the window.'),
    next: isBundled
      ? phrase('Enable "{0}", which comes with this editor, in the Extensions view.', name)
      : phrase('Install or enable "{0}" in the Extensions view.', name),
    exit: ExitCode.programMissing,
  });
}

/** A gate has refused a question of the activity view. */
export function gateRefused(host: string, question: string, said: string): Problem {
  return new Problem({
    code: 'gate-refused',
    what: phrase('{0}: the gate did not answer `knockgated {1}`.', host, question),
    why: said === '' ? phrase('It said nothing.') : phrase('It said: {0}', quote(said)),
    next: phrase('An old gate does not know every question: "Knockgate: Set Up Gate on Host…" brings it up to date.'),
    exit: ExitCode.configuration,
  });
}

/** The answer of a gate is not what this version expects. */
export function gateAnswerUnreadable(host: string, question: string, why: string): Problem {
  return new Problem({
    code: 'answer-not-understood',
    what: phrase('{0}: the answer to `knockgated {1}` is unreadable.', host, question),
    why,
    next: phrase('"Knockgate: Set Up Gate on Host…" brings the gate up to date.'),
    exit: ExitCode.configuration,
  });
}

/** Writes notes in one line. */
function sentence(notes: readonly Phrase[]): Phrase {
  return joined([joined(notes, '; '), '.'], '');
}
