import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import { ExitCode, Problem } from '../../base/problem.ts';
import type { GpgKeyRefusal } from '../../fwknop/gpg.ts';

/** Errors of knocks at fwknopd, beside those that every knock has. */

/** Behind a NAT the server sees another address than we do. */
export function sourceUnknown(host: string, own: string): Problem {
  return new Problem({
    code: 'fwknop-source-unknown',
    what: phrase('{0}: the address at which the server sees this computer is unknown.', host),
    why: phrase('This computer has {0}, a private address that a router replaces by another.', own),
    next: phrase(
      'Set `source` of this host to the public address. If the server takes it, "seen" works too: it lets in the address that the packet comes from, also when somebody else sends it first.',
    ),
    exit: ExitCode.configuration,
  });
}

export function packetTooLong(host: string, characters: number): Problem {
  return new Problem({
    code: 'fwknop-packet-too-long',
    what: phrase('{0}: the packet would have {1} characters.', host, characters),
    why: phrase('fwknopd mistakes packets of 400 or more characters for GnuPG messages, and drops them.'),
    next: phrase('Ask for fewer ports, or choose a shorter digest or HMAC.'),
    exit: ExitCode.configuration,
  });
}

/** A knock was sent, and the port stayed silent. */
export function fwknopNoAnswer(
  host: string,
  addresses: readonly string[],
  knockPort: number,
  port: number,
  seconds: number,
  isGpg: boolean,
): Problem {
  return new Problem({
    code: 'no-answer',
    what: phrase('{0}: knocked at fwknopd, but tcp/{1} did not open.', host, port),
    why: phrase(
      'Sent to {0} port {1}, and waited {2} s. fwknopd never answers, so the cause is unknown.',
      addresses.join(', '),
      knockPort,
      seconds.toFixed(1),
    ),
    next: whatToCheck(isGpg),
    exit: ExitCode.noAnswer,
  });
}

/** Lists the causes in the order worth checking. */
function whatToCheck(isGpg: boolean): Phrase {
  const causes = [
    phrase('Check these, in this order:'),
    isGpg
      ? phrase(
          '  1. The keys: has the GnuPG of fwknopd your public key, does GPG_REMOTE_ID or GPG_FINGERPRINT_ID of the stanza name it, and is `hmac` that of the stanza?',
        )
      : phrase('  1. The keys, and `mode` and `hmac`: are they those of the stanza in access.conf on the server?'),
    phrase('  2. The clock: fwknopd accepts a difference of two minutes at most.'),
    phrase('  3. The source: does the server see this computer by the address that the packet names?'),
    phrase('  4. The server: does `fwknopd --status` say that it runs, and its log why it refused?'),
  ];
  return joined(causes, '\n');
}

/** The host has no IPv4 address: fwknop knows no others. */
export function onlyIPv6(host: string, addresses: readonly string[]): Problem {
  return new Problem({
    code: 'fwknop-only-ipv6',
    what: phrase('{0}: {1} is not an IPv4 address.', host, addresses.join(', ')),
    why: phrase('A packet of fwknop can name IPv4 addresses only.'),
    next: phrase('Set `address` of this host to its IPv4 address.'),
    exit: ExitCode.configuration,
  });
}

/** @param file undefined: the keys are in the editor's storage */
export function fwknopKeysMalformed(host: string, file: string | undefined): Problem {
  if (file === undefined)
    return new Problem({
      code: 'key-malformed',
      what: phrase('{0}: its keys do not match its settings.', host),
      why: phrase('With `hmac` there must be two different keys; with "none" there must be no HMAC key.'),
      next: phrase('Run "Knockgate: Set Keys of Host…", or "Knockgate: Edit Host…" and choose the HMAC of the server.'),
      exit: ExitCode.keyUnreadable,
    });
  return new Problem({
    code: 'key-malformed',
    what: `${file}: these are not fwknop keys.`,
    why: 'Expected lines such as "KEY_BASE64: …" and "HMAC_KEY_BASE64: …", as `fwknop --key-gen` prints them, two different keys.',
    next: 'Copy them from access.conf on the server, or from .fwknoprc.',
    exit: ExitCode.keyUnreadable,
  });
}

export function gpgHmacKeyMalformed(path: string): Problem {
  return new Problem({
    code: 'key-malformed',
    what: phrase('{0}: this is not an HMAC key for fwknop.', path),
    why: phrase('Beside `gpgRecipientFile` it has one line, "HMAC_KEY_BASE64: …"; with `hmac = "none"` there is none.'),
    next: phrase('Copy the line from access.conf on the server, or from .fwknoprc.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** @param reason result of `readGpgPrivateKey` or `readGpgPublicKey` */
export function gpgKeyUnusable(name: Phrase | string, reason: GpgKeyRefusal): Problem {
  const why = {
    malformed: phrase('Expected one key, as `gpg --armor` exports it.'),
    'not-for-this': phrase("It is the wrong kind of key: the server's key must encrypt, yours must sign."),
    'passphrase-missing': phrase('It is locked with a passphrase, and nobody is here to enter it.'),
    'passphrase-wrong': phrase('The passphrase does not unlock it.'),
  }[reason];
  return new Problem({
    code: 'fwknop-gpg-key-unusable',
    what: phrase('{0}: this OpenPGP key cannot be used.', name),
    why,
    next: phrase('Export it again; docs/fwknop.md says how, and where its passphrase can be.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** @param cause the library's error: an expired key, most likely. It names keys, but not their content */
export function gpgCannotSeal(host: string, cause: unknown): Problem {
  return new Problem({
    code: 'fwknop-gpg-key-unusable',
    what: phrase('{0}: no packet can be made with these OpenPGP keys.', host),
    why: cause instanceof Error ? cause.message : String(cause),
    next: phrase('See with `gpg --list-keys` whether one has expired.'),
    exit: ExitCode.keyUnreadable,
  });
}

export function gpgPacketTooLong(host: string, characters: number): Problem {
  return new Problem({
    code: 'fwknop-packet-too-long',
    what: phrase('{0}: the packet would have {1} characters.', host, characters),
    why: phrase('fwknopd reads fewer than 1,500. Each key makes it longer: one of RSA-4096 cannot sign.'),
    next: phrase('Sign with a key of RSA-3072 or less, or choose a shorter HMAC.'),
    exit: ExitCode.configuration,
  });
}

/** @param said its messages; undefined when there is no gpg */
export function gpgFailed(key: string, said: string | undefined): Problem {
  return new Problem({
    code: 'gpg-failed',
    what: phrase('gpg did not export the key {0}.', JSON.stringify(key)),
    why: said === undefined ? phrase('There is no gpg on this computer.') : said || phrase('It says nothing.'),
    next: phrase(
      'See with `gpg --list-secret-keys` what it is called; docs/fwknop.md shows how to export keys by hand.',
    ),
    exit: ExitCode.keyUnreadable,
  });
}

/** @param others the file or folder that others can write to; undefined: the folder's path is relative */
export function gpgFolderOfOthers(folder: string, others: string | undefined): Problem {
  return new Problem({
    code: 'gpg-folder-of-others',
    what: phrase(
      'Knockgate does not run gpg in the folder {0}: settings there could make gpg run other programs.',
      folder,
    ),
    why:
      others === undefined
        ? phrase('It is not an absolute path, so the folder is unknown.')
        : phrase('Others can write to {0}.', others),
    next: phrase('Look through the folder, and make it and what is above it your own; or export the keys by hand.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** The library is a file of its own, and missing. */
export function openPgpMissing(): Problem {
  return new Problem({
    code: 'openpgp-missing',
    what: phrase('openpgp.min.cjs, which OpenPGP keys need, is missing from the folder of this program.'),
    next: phrase('Put it there: `npm run build` makes it.'),
    exit: ExitCode.programMissing,
  });
}

/** @param code the system's, such as `EPERM` */
export function rawNeedsRoot(code: string): Problem {
  return new Problem({
    code: 'raw-socket-refused',
    what: 'This system does not let the program send packets through a raw socket.',
    why: `The carriers icmp, tcpraw and udpraw need a raw socket, which only root may open. The system said ${code}.`,
    next: 'Knock as root, `sudo knockgate knock HOST`, and connect then; or set `carrier` of this host to "udp", if fwknopd takes that.',
    exit: ExitCode.privilege,
  });
}

export function rawProgramMissing(): Problem {
  return new Problem({
    code: 'program-missing',
    what: 'Neither perl nor python3 is installed.',
    why: 'One of them opens the raw socket that the carriers icmp, tcpraw and udpraw need.',
    next: 'Install perl, which most systems have; or set `carrier` of this host to "udp", if fwknopd takes that.',
    exit: ExitCode.programMissing,
  });
}

/** @param said output on stderr. The program knows addresses and a packet, which anybody on the way sees, but no key */
export function rawProgramFailed(program: string, said: string): Problem {
  return new Problem({
    code: 'program-failed',
    what: `${program} did not send the packet.`,
    why: said === '' ? 'It says nothing.' : said,
    next: `See whether \`${program} -v\` works; or set \`carrier\` of this host to "udp", if fwknopd takes that.`,
    exit: ExitCode.programMissing,
  });
}
