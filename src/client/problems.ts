import { joined, type Phrase, phrase } from '../base/phrase.ts';
import type { RequestedPort } from '../base/ports.ts';
import { formatPort } from '../base/ports.ts';
import { quote } from '../base/printable.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import { shellWord } from '../os/shell-word.ts';

/**
 * Every error of the client that a person reads: what happened, why, what to do next. The codes are stable.
 * No function here takes a secret, so none can print one.
 */

/** No name resolved to an address. `reasons` are the resolver's own words, such as `ENOTFOUND`. */
export function nameNotFound(host: string, names: readonly string[], reasons: readonly string[]): Problem {
  return new Problem({
    code: 'name-not-found',
    what: phrase('{0}: no address found for {1}.', host, names.map((name) => quote(name)).join(', ')),
    why: phrase('The resolver said {0}.', [...new Set(reasons)].join(', ')),
    next: phrase(
      'Check the spelling, and that this computer is online; or set `address` of this host to an IP address.',
    ),
    exit: ExitCode.nameNotFound,
  });
}

/** The system refused to send to any address. `codes` are its error codes, such as `ENETUNREACH`. */
export function noRoute(host: string, addresses: readonly string[], codes: readonly string[]): Problem {
  return new Problem({
    code: 'no-route',
    what: phrase('{0}: this computer cannot send packets to {1}.', host, addresses.join(', ')),
    why: phrase('The system said {0}.', [...new Set(codes)].join(', ')),
    next: phrase('Check that this computer is online, its VPN, and that its own firewall lets UDP out.'),
    exit: ExitCode.noRoute,
  });
}

/** Knocks that were tried before giving up. */
export interface Attempt {
  readonly host: string;
  readonly addresses: readonly string[];
  /** UDP ports that were knocked at. */
  readonly knockPorts: readonly number[];
  /** The port that was waited for. */
  readonly port: RequestedPort;
  /** Datagrams sent. */
  readonly knocks: number;
  readonly elapsedMs: number;
  /** Own time in unix milliseconds, and what was added to it: one or several corrections, 0 for none. */
  readonly wallMs: number;
  readonly clockOffsetsMs: readonly number[];
  /** The addresses that the knocks claimed to come from. */
  readonly claimed: readonly string[];
}

/** Knocked, and the port stayed silent. The causes come in the order worth checking. */
export function noAnswer(attempt: Attempt): Problem {
  const { host, port, knockPorts, clockOffsetsMs } = attempt;
  const correctionMs = clockOffsetsMs.find((offsetMs) => offsetMs !== 0);
  const utc = new Date(attempt.wallMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const clock =
    correctionMs === undefined
      ? phrase('  2. The clock: here it is {0}. Compare with `date -u` on the server.', utc)
      : phrase(
          '  2. The clock: here it is {0}; the knocks told this time, and this time with {1} s added, which was right for this gate earlier. Compare with `date -u` on the server.',
          utc,
          correctionMs / 1000,
        );
  const causes = [
    phrase('Check these, in this order:'),
    phrase(
      '  1. The key: does the gate know it? Compare your public key with those of `sudo knockgated client list` on the server.',
    ),
    clock,
    phrase('  3. The path: does UDP {0} reach the server, through a cloud firewall too?', knockPorts.join(', ')),
    phrase(
      '  4. The gate: is it up? Run `sudo knockgated status` on the server. Its log names the knocks that it refuses, but not those with an unknown key or a clock that is minutes off: they look like any other packet.',
    ),
  ];
  if (attempt.claimed.length > 0)
    causes.push(
      phrase(
        '  5. The address: these knocks claimed to come from {0}. Where the network translates that address, the gate refuses them, and its log says `source-mismatch`: set `claimSource` of this host to false.',
        attempt.claimed.join(', '),
      ),
    );
  return new Problem({
    code: 'no-answer',
    what: phrase('{0}: knocked, but {1} did not open.', host, formatPort(port)),
    why: phrase('{0} A gate never answers a knock, so the cause is unknown.', tried(attempt)),
    next: joined(causes, '\n'),
    exit: ExitCode.noAnswer,
  });
}

/** The port answered with a reset: whatever lets us through, nothing listens behind it. */
export function portClosed(attempt: Attempt, address: string): Problem {
  const port = formatPort(attempt.port);
  return new Problem({
    code: 'port-closed',
    what: phrase('{0}: {1} refuses {2}.', attempt.host, address, port),
    why: phrase(
      '{0} A closed gate stays silent, so this refusal comes from the server itself, where nothing listens on {1}, or from a firewall on the way.',
      tried(attempt),
      port,
    ),
    next: phrase(
      'Check that the service runs on the server and listens on {0}. If ssh is on another port, set `sshPort` of this host.',
      port,
    ),
    exit: ExitCode.noAnswer,
  });
}

function tried({ knocks, addresses, knockPorts, elapsedMs }: Attempt): Phrase {
  const values = [knocks, addresses.join(', '), knockPorts.join(', '), (elapsedMs / 1000).toFixed(1)];
  return knocks === 1
    ? phrase('Sent {0} knock to {1} (UDP {2}), and waited {3} s.', ...values)
    : phrase('Sent {0} knocks to {1} (UDP {2}), and waited {3} s.', ...values);
}

/** Every single-use tag of this epoch and the next is used up. */
export function slotsExhausted(host: string, slots: number): Problem {
  return new Problem({
    code: 'slots-exhausted',
    what: phrase('{0}: too many knocks within half a minute.', host),
    why: phrase('The gate allows {0} knocks for each key in 30 seconds, and this key has used them.', slots),
    next: phrase('Wait half a minute. If a program knocks in a loop, stop it.'),
    exit: ExitCode.noAnswer,
  });
}

export function cancelled(host: string): Problem {
  return new Problem({ code: 'cancelled', what: phrase('{0}: cancelled.', host), exit: ExitCode.cancelled });
}

/** A carried connection broke. `reason` is the system's error code, such as `ECONNRESET`. */
export function connectionLost(host: string, reason: string): Problem {
  return new Problem({
    code: 'connection-lost',
    what: phrase('{0}: the connection broke off.', host),
    why: phrase('The system said {0}.', reason),
    next: phrase('Connect again.'),
    exit: ExitCode.noRoute,
  });
}

/** `host` may be anything: ssh hands on what it was told. */
export function hostUnknown(host: string, known: readonly string[], path: string): Problem {
  return new Problem({
    code: 'host-unknown',
    what: phrase('{0} is not in {1}.', quote(host), path),
    why: known.length === 0 ? phrase('It contains no host yet.') : phrase('It contains {0}.', known.join(', ')),
    next: phrase(
      "Add it with the line that `knockgated key` prints on the server: knockgate add 'knockgate1 gate …' --name {0}",
      /^[A-Za-z0-9._@-]+$/.test(host) ? host : 'NAME',
    ),
    exit: ExitCode.configuration,
  });
}

/** A hosts file or setting that cannot be used. `where` names the file and line, or the host and field. */
export function hostsInvalid(where: Phrase | string, why: Phrase | string, next: Phrase | string): Problem {
  return new Problem({
    code: 'hosts-file-invalid',
    what: phrase('{0} is invalid.', where),
    why,
    next,
    exit: ExitCode.configuration,
  });
}

/** @param replaceable whether `--replace` does it: it replaces a gate's line */
export function hostExists(name: string, path: string, replaceable: boolean): Problem {
  return new Problem({
    code: 'host-exists',
    what: phrase('{0} is already in {1}.', name, path),
    next: replaceable
      ? phrase('Choose another name with --name, or replace the existing entry with --replace.')
      : phrase('Choose another name with --name, or remove the existing entry from the file first.'),
    exit: ExitCode.inUse,
  });
}

/** Nobody could undo it from here. */
export function ownKeyNotRemoved(host: string, name: string): Problem {
  return new Problem({
    code: 'own-key-not-removed',
    what: phrase('{0}: {1} is the key of this device. Nothing was changed.', host, name),
    why: phrase('Without this key, this device could no longer knock at the gate, nor undo the removal.'),
    next: phrase('Remove it from another device, or on the server: sudo knockgated client remove {0}', name),
    exit: ExitCode.usage,
  });
}

/** The table of a host is written in a way that the program does not dare to edit. */
export function hostNotEditable(name: string, path: string, line: string): Problem {
  return new Problem({
    code: 'host-not-editable',
    what: phrase('{0}: Knockgate cannot safely edit the table of {1}.', path, name),
    next: phrase('Set this yourself: gate = "{0}"', line),
    exit: ExitCode.configuration,
  });
}

export function hostNotRemovable(name: string, path: string): Problem {
  return new Problem({
    code: 'host-not-editable',
    what: phrase('{0}: Knockgate cannot remove or rename {1} without changing something else.', name, path),
    next: phrase('Edit the file yourself.'),
    exit: ExitCode.configuration,
  });
}

/** A gate's public key with which no secret can be agreed. */
export function gateKeyUnusable(host: string): Problem {
  return new Problem({
    code: 'gate-key-unusable',
    what: phrase('{0}: the public key of the gate is unusable.', host),
    why: phrase(
      'It is a low-order point of the curve: anybody could forge knocks with it. A gate never makes such a key.',
    ),
    next: phrase('Ask the administrator for the line that `knockgated key` prints on the server.'),
    exit: ExitCode.configuration,
  });
}

export function fileUnusable(path: string, reason: string): Problem {
  if (reason === 'ENOENT')
    return new Problem({
      code: 'file-unusable',
      what: phrase('{0}: there is no such file or folder.', path),
      next: phrase('Check the spelling.'),
      exit: ExitCode.configuration,
    });
  return new Problem({
    code: 'file-unusable',
    what: phrase('{0}: cannot be read or written.', path),
    why: phrase('The system said {0}.', reason),
    next: phrase('Check the permissions of the file and its folder, and the space on the disk.'),
    exit: ExitCode.configuration,
  });
}

export function keyExists(path: string): Problem {
  return new Problem({
    code: 'key-exists',
    what: phrase('{0} already exists, and Knockgate never overwrites a key.', path),
    next: phrase(
      '`knockgate pubkey` prints its public half. For a new key, move the old one away first: gates know you by it.',
    ),
    exit: ExitCode.inUse,
  });
}

export function keyMissing(path: string): Problem {
  return new Problem({
    code: 'key-missing',
    what: phrase('There is no key in {0}.', path),
    next: phrase(
      'Make one with `knockgate keygen`, and have the line that it prints added on the gate: `knockgated client add LINE`.',
    ),
    exit: ExitCode.keyUnreadable,
  });
}

export function pskMissing(path: string): Problem {
  return new Problem({
    code: 'key-missing',
    what: phrase('There is no pre-shared key in {0}.', path),
    next: phrase('Copy the file back from a backup, or ask the owner of the gate for another one.'),
    exit: ExitCode.keyUnreadable,
  });
}

export function keyUnreadable(path: string, reason: string): Problem {
  return new Problem({
    code: 'key-unreadable',
    what: phrase('{0}: the key cannot be read.', path),
    why: phrase('The system said {0}.', reason),
    next: phrase('Check its owner and permissions: ls -l {0}', shellWord(path)),
    exit: ExitCode.keyUnreadable,
  });
}

export function keyReadableByOthers(path: string, mode: number): Problem {
  return new Problem({
    code: 'key-readable-by-others',
    what: phrase('{0}: other users can access this key, so Knockgate does not use it.', path),
    why: phrase('Its mode is 0{0}; only its owner may have access.', (mode & 0o777).toString(8)),
    next: phrase('Run: chmod 600 {0}\nIf somebody may have read it, make a new key instead.', shellWord(path)),
    exit: ExitCode.keyUnreadable,
  });
}

export function keyNotOwn(path: string, owner: number, self: number): Problem {
  return new Problem({
    code: 'key-not-own',
    what: phrase('{0}: this key belongs to another user, so Knockgate does not use it.', path),
    why: phrase('It belongs to user {0}, and this program runs as user {1}.', owner, self),
    next: phrase('Use a key of your own, or run: chown {0} {1}', self, shellWord(path)),
    exit: ExitCode.keyUnreadable,
  });
}

export function keyMalformed(path: string): Problem {
  return new Problem({
    code: 'key-malformed',
    what: phrase('{0}: this is not a key.', path),
    why: phrase('A key file holds 43 characters of base64url, nothing else.'),
    next: phrase('Put the right file there; or move it away, run `knockgate keygen`, and enrol the new key.'),
    exit: ExitCode.keyUnreadable,
  });
}

export function sealedFileInvalid(where: string): Problem {
  return new Problem({
    code: 'sealed-file-invalid',
    what: phrase('{0}: this is not a complete file of sealed keys.', where),
    next: phrase('Choose the unchanged file that "Export Key" wrote, or restore it from a backup.'),
    exit: ExitCode.keyUnreadable,
  });
}

export function sealedFileNewer(where: string): Problem {
  return new Problem({
    code: 'sealed-file-newer',
    what: phrase('{0}: these keys were sealed by a newer version of Knockgate.', where),
    next: phrase('Update this program.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** Neither can be told from the other: that is how the seal works. */
export function passphraseWrong(where: string): Problem {
  return new Problem({
    code: 'passphrase-wrong',
    what: phrase('{0}: this passphrase does not open the file.', where),
    why: phrase('The passphrase is wrong, or the file was changed.'),
    next: phrase(
      'Try again; check capitals and the keyboard layout. Without the passphrase, the file cannot be opened.',
    ),
    exit: ExitCode.keyUnreadable,
  });
}
