import type { RequestedPort } from '../spa/payload.ts';
import { formatPort } from '../spa/ports.ts';
import { ExitCode, Problem, quote } from '../spa/problem.ts';

/**
 * Every error of the client that a person reads: what happened, why, what to do next. The codes are stable.
 * No function here takes a secret, so none can print one.
 */

/** No name resolved to an address. `reasons` are the resolver's own words, such as `ENOTFOUND`. */
export function nameNotFound(host: string, names: readonly string[], reasons: readonly string[]): Problem {
  return new Problem({
    code: 'name-not-found',
    what: `${host}: no address found for ${names.map(quote).join(', ')}.`,
    why: `The resolver said ${[...new Set(reasons)].join(', ')}.`,
    next: 'Check the spelling, and that this computer is online; or set `address` of this host to an IP address.',
    exit: ExitCode.nameNotFound,
  });
}

/** The system refused to send to any address. `codes` are its error codes, such as `ENETUNREACH`. */
export function noRoute(host: string, addresses: readonly string[], codes: readonly string[]): Problem {
  return new Problem({
    code: 'no-route',
    what: `${host}: no way to ${addresses.join(', ')} from here.`,
    why: `The system said ${[...new Set(codes)].join(', ')}.`,
    next: 'Check that this computer is online, its VPN, and that its own firewall lets UDP out.',
    exit: ExitCode.noRoute,
  });
}

/** What was tried before giving up. */
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
  /** Own time in unix milliseconds, and what is added to it for this gate. */
  readonly wallMs: number;
  readonly clockOffsetMs: number;
}

/** Knocked, and the port stayed silent. The causes come in the order worth checking. */
export function noAnswer(attempt: Attempt): Problem {
  const utc = new Date(attempt.wallMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const offset =
    attempt.clockOffsetMs === 0 ? '' : `, corrected by ${attempt.clockOffsetMs / 1000} s for this gate when knocking`;
  return new Problem({
    code: 'no-answer',
    what: `${attempt.host}: knocked, but ${formatPort(attempt.port)} did not open.`,
    why: `${tried(attempt)} A gate never answers a knock, so the cause cannot be told from here.`,
    next: [
      'Worth checking, in this order:',
      '  1. The key: does the gate know it? Compare `knockgate pubkey` with `knockgated client list` on the server.',
      `  2. The clock: here it is ${utc}${offset}. Compare with \`date -u\` on the server.`,
      `  3. The way: does UDP ${attempt.knockPorts.join(', ')} get through, a cloud firewall before the server included?`,
      '  4. The gate: is it up? `knockgated status` on the server; its audit log names each refused knock.',
    ].join('\n'),
    exit: ExitCode.noAnswer,
  });
}

/** The port answered with a reset: whatever lets us through, nothing listens behind it. */
export function portClosed(attempt: Attempt, address: string): Problem {
  const port = formatPort(attempt.port);
  return new Problem({
    code: 'port-closed',
    what: `${attempt.host}: ${address} refuses ${port}.`,
    why: `${tried(attempt)} A closed gate stays silent, so this refusal comes from the server itself, where nothing listens on ${port}, or from a firewall on the way.`,
    next: `Check that the service runs on the server and listens on ${port}.`,
    exit: ExitCode.noAnswer,
  });
}

function tried(attempt: Attempt): string {
  const seconds = (attempt.elapsedMs / 1000).toFixed(1);
  return `Sent ${count(attempt.knocks, 'knock')} to ${attempt.addresses.join(', ')} (UDP ${attempt.knockPorts.join(', ')}), and waited ${seconds} s.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Every single-use tag of this epoch and the next is used up. */
export function slotsExhausted(host: string, slots: number): Problem {
  return new Problem({
    code: 'slots-exhausted',
    what: `${host}: too many knocks within half a minute.`,
    why: `The gate allows ${slots} knocks for each key in 30 seconds, and this key has used them.`,
    next: 'Wait half a minute. If a program knocks in a loop, stop it.',
    exit: ExitCode.noAnswer,
  });
}

export function cancelled(host: string): Problem {
  return new Problem({ code: 'cancelled', what: `${host}: cancelled.`, exit: ExitCode.cancelled });
}

/** A carried connection broke. `reason` is the system's error code, such as `ECONNRESET`. */
export function connectionLost(host: string, reason: string): Problem {
  return new Problem({
    code: 'connection-lost',
    what: `${host}: the connection broke off.`,
    why: `The system said ${reason}.`,
    next: 'Connect again.',
    exit: ExitCode.noRoute,
  });
}

export function hostUnknown(host: string, known: readonly string[], path: string): Problem {
  return new Problem({
    code: 'host-unknown',
    what: `${quote(host)} is not in ${path}.`,
    why: known.length === 0 ? 'No host is there yet.' : `It knows ${known.join(', ')}.`,
    next: `Add it with the line that \`knockgated key\` prints on the server: knockgate add 'knockgate1 gate …' --name ${host}`,
    exit: ExitCode.configuration,
  });
}

/** A hosts file or setting that cannot be used. `where` names the file and line, or the host and field. */
export function hostsInvalid(where: string, why: string, next: string): Problem {
  return new Problem({
    code: 'hosts-file-invalid',
    what: `${where}: not right.`,
    why,
    next,
    exit: ExitCode.configuration,
  });
}

export function hostExists(name: string, path: string): Problem {
  return new Problem({
    code: 'host-exists',
    what: `${name} is in ${path} already.`,
    next: 'Give the new one another name with --name, or put it in the place of the old one with --replace.',
    exit: ExitCode.inUse,
  });
}

/** The table of a host is written in a way that the program does not dare to edit. */
export function hostNotEditable(name: string, path: string, line: string): Problem {
  return new Problem({
    code: 'host-not-editable',
    what: `${path}: the table of ${name} is written in a way that cannot be edited safely by a program.`,
    next: `Set this yourself: gate = "${line}"`,
    exit: ExitCode.configuration,
  });
}

/** A gate's public key with which no secret can be agreed. */
export function gateKeyUnusable(host: string): Problem {
  return new Problem({
    code: 'gate-key-unusable',
    what: `${host}: the gate's key is not one that can be used.`,
    why: 'It is a low-order point of the curve, with which anybody could forge a knock; no gate makes such a key.',
    next: 'Ask the administrator for the line that `knockgated key` prints on the server.',
    exit: ExitCode.configuration,
  });
}

export function fileUnusable(path: string, reason: string): Problem {
  return new Problem({
    code: 'file-unusable',
    what: `${path}: cannot be read or written.`,
    why: `The system said ${reason}.`,
    next: 'Check the permissions of the file and its folder, and the space on the disk.',
    exit: ExitCode.configuration,
  });
}

export function keyExists(path: string): Problem {
  return new Problem({
    code: 'key-exists',
    what: `${path} exists already; it is never overwritten.`,
    next: '`knockgate pubkey` prints its public half. For a new key, move the old one away first: gates know you by it.',
    exit: ExitCode.inUse,
  });
}

export function keyMissing(path: string): Problem {
  return new Problem({
    code: 'key-missing',
    what: `There is no key in ${path}.`,
    next: 'Make one with `knockgate keygen`, then enrol it on the gate. A psk file comes from the administrator.',
    exit: ExitCode.keyUnreadable,
  });
}

export function keyUnreadable(path: string, reason: string): Problem {
  return new Problem({
    code: 'key-unreadable',
    what: `${path}: the key cannot be read.`,
    why: `The system said ${reason}.`,
    next: `Check its owner and permissions: ls -l ${shellWord(path)}`,
    exit: ExitCode.keyUnreadable,
  });
}

export function keyReadableByOthers(path: string, mode: number): Problem {
  return new Problem({
    code: 'key-readable-by-others',
    what: `${path}: other users can get at this key, so it is not used.`,
    why: `Its mode is 0${(mode & 0o777).toString(8)}; only its owner may have access.`,
    next: `Run: chmod 600 ${shellWord(path)}\nIf somebody may have read it, make a new key instead.`,
    exit: ExitCode.keyUnreadable,
  });
}

export function keyNotOwn(path: string, owner: number, self: number): Problem {
  return new Problem({
    code: 'key-not-own',
    what: `${path}: this key belongs to somebody else, so it is not used.`,
    why: `It belongs to user ${owner}, and this program runs as user ${self}.`,
    next: `Use a key of your own, or run: chown ${self} ${shellWord(path)}`,
    exit: ExitCode.keyUnreadable,
  });
}

export function keyMalformed(path: string): Problem {
  return new Problem({
    code: 'key-malformed',
    what: `${path}: not a key.`,
    why: 'A key file holds 43 characters of base64url, nothing else.',
    next: 'Put the right file there; or move it away, run `knockgate keygen`, and enrol the new key.',
    exit: ExitCode.keyUnreadable,
  });
}

export function sealedFileInvalid(where: string): Problem {
  return new Problem({
    code: 'sealed-file-invalid',
    what: `${where}: this is no file of sealed keys, or not the whole of one.`,
    next: 'Choose the file that "Export Key" wrote, or take it from a backup; it must not be changed in any way.',
    exit: ExitCode.keyUnreadable,
  });
}

export function sealedFileNewer(where: string): Problem {
  return new Problem({
    code: 'sealed-file-newer',
    what: `${where}: a newer version has sealed these keys.`,
    next: 'Update this program.',
    exit: ExitCode.keyUnreadable,
  });
}

/** Neither can be told from the other: that is how the seal works. */
export function passphraseWrong(where: string): Problem {
  return new Problem({
    code: 'passphrase-wrong',
    what: `${where}: the passphrase does not open it.`,
    why: 'Either it is another passphrase, or the file was changed.',
    next: 'Try again; mind capitals and the keyboard layout. Nobody can open it without the passphrase.',
    exit: ExitCode.keyUnreadable,
  });
}

/** A path as it can be pasted into a shell. */
function shellWord(path: string): string {
  return /^[A-Za-z0-9_./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
