import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import { ExitCode, Problem } from '../../base/problem.ts';

/** Errors of knocks at pyknock, xt_pknock and Aldaba, beside those that every knock has. */

/** Behind a NAT the server sees another address than we do, and these packets have to name it. */
export function peerSourceUnknown(host: string, own: string): Problem {
  return new Problem({
    code: 'source-unknown',
    what: phrase('{0}: the address at which the server sees this computer is unknown.', host),
    why: phrase('This computer has {0}, a private address that a router replaces by another.', own),
    next: phrase('Set `source` of this host to the public address.'),
    exit: ExitCode.configuration,
  });
}

/**
 * The secret of a host is not one that its server could have.
 * @param file undefined: the editor keeps it
 * @param expected what a secret of this kind is; never the secret itself
 */
export function peerSecretMalformed(host: string, file: string | undefined, expected: Phrase): Problem {
  return new Problem({
    code: 'key-malformed',
    what: phrase('{0}: its secret is invalid.', file ?? host),
    why: phrase('Expected {0}.', expected),
    next:
      file === undefined
        ? phrase('Run "Knockgate: Set Keys of Host…" with the secret of the server.')
        : phrase('Put the secret of the server into that file, in one line and nothing else.'),
    exit: ExitCode.keyUnreadable,
  });
}

/** The host has no address of the family that its server knows. */
export function peerNeedsIPv4(host: string, program: string, addresses: readonly string[]): Problem {
  return new Problem({
    code: 'needs-ipv4',
    what: phrase('{0}: {1} is not an IPv4 address.', host, addresses.join(', ')),
    why: phrase('{0} knows IPv4 only.', program),
    next: phrase('Set `address` of this host to its IPv4 address.'),
    exit: ExitCode.configuration,
  });
}

/** A knock that was sent, and after which the port stayed shut. */
export interface PeerAttempt {
  readonly host: string;
  readonly program: string;
  readonly addresses: readonly string[];
  readonly knockPort: number;
  /** The TCP port that was waited for. */
  readonly port: number;
  readonly seconds: number;
}

/** @param causes in the order worth checking */
export function peerNoAnswer(attempt: PeerAttempt, causes: readonly Phrase[]): Problem {
  const { host, program, addresses, knockPort, port, seconds } = attempt;
  return new Problem({
    code: 'no-answer',
    what: phrase('{0}: knocked at {1}, but tcp/{2} did not open.', host, program, port),
    why: phrase(
      'Sent to {0} port {1}, and waited {2} s. {3} never answers, so the cause is unknown.',
      addresses.join(', '),
      knockPort,
      seconds.toFixed(1),
      program,
    ),
    next: joined([phrase('Check these, in this order:'), ...causes], '\n'),
    exit: ExitCode.noAnswer,
  });
}
