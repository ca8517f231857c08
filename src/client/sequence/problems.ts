import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { ExitCode, Problem } from '../../base/problem.ts';
import { formatStep, type SequenceStep } from '../../sequence/step.ts';
import { keyMalformed } from '../problems.ts';
import type { SequenceHost } from './host.ts';

/** Errors of knocks by a sequence of ports, beside those that every knock has. */

/** The name has addresses, but none of the family that is configured. */
export function noAddressOfFamily({ name, family }: SequenceHost, addresses: readonly string[]): Problem {
  return new Problem({
    code: 'sequence-no-address',
    what: phrase('{0}: it has no {1} address.', name, family ?? 'IP'),
    why: phrase('It has {0}.', addresses.join(', ')),
    next: phrase('Leave `family` of this host out, or set its `address`.'),
    exit: ExitCode.configuration,
  });
}

/** Knocks that were tried before giving up. */
export interface SequenceAttempt {
  readonly addresses: readonly string[];
  /** The TCP port that was waited for. */
  readonly port: number;
  /** Sequences sent. */
  readonly knocks: number;
  readonly elapsedMs: number;
}

/** Knocked, and the port did not open. @param wallMs own time in unix milliseconds */
export function sequenceNoAnswer(host: SequenceHost, attempt: SequenceAttempt, wallMs: number): Problem {
  const seconds = (attempt.elapsedMs / 1000).toFixed(1);
  return new Problem({
    code: 'no-answer',
    what: phrase('{0}: knocked, but {1} did not open.', host.name, formatPort({ protocol: 'tcp', port: attempt.port })),
    why: phrase(
      'Sent the sequence to {0}, {1} times, and waited {2} s. Nobody answers a sequence, so the cause is unknown.',
      attempt.addresses.join(', '),
      attempt.knocks,
      seconds,
    ),
    next: joined([phrase('Check these, in this order:'), ...causesFor(host, wallMs)], '\n'),
    exit: ExitCode.noAnswer,
  });
}

function causesFor({ sequence, delayMs }: SequenceHost, wallMs: number) {
  const way = phrase('  3. The path: do the packets of every step reach the server, through a cloud firewall too?');
  if (sequence.kind === 'fixed')
    return [
      phrase('  1. The steps: are ports, protocols and order those of the server?'),
      phrase(
        '  2. The time: {0} ms pass from one step to the next. Is that within what the server waits, or so fast that packets overtake each other?',
        delayMs,
      ),
      way,
      phrase('  4. The server: does its knockd or gate run, and watch the address that you knock at?'),
    ];
  const utc = new Date(wallMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return [
    phrase(
      '  1. The key and the name: are they those of `sequence_key_file` and of the client {0} in gate.toml?',
      sequence.client,
    ),
    phrase('  2. The clock: here it is {0}, and may be off by a minute. Compare with `date -u` on the server.', utc),
    way,
    phrase(
      '  4. The gate: is it up, for four minutes at least? And were the sequences of these minutes used up? Each opens once.',
    ),
  ];
}

/** This system cannot send one of the steps. */
export function stepNotSent(host: string, fault: Phrase): Problem {
  return new Problem({
    code: 'step-not-sent',
    what: phrase('{0}: this computer cannot send one of the steps.', host),
    why: fault,
    next: phrase('Change this step on the server, and in `steps` of this host.'),
    exit: ExitCode.configuration,
  });
}

/** Only the system's ping sends echo requests without root. */
export function pingMissing(): Problem {
  return new Problem({
    code: 'program-missing',
    what: phrase('The program ping is not installed.'),
    why: phrase('A step of the sequence is an echo request, which only ping may send without root.'),
    next: phrase(
      'Install it (on Debian the package iputils-ping), or leave ICMP out of the steps on the server and here.',
    ),
    exit: ExitCode.programMissing,
  });
}

/** @param code the system's, such as EACCES */
export function sourcePortRefused(step: SequenceStep, code: string): Problem {
  return new Problem({
    code: 'source-port-refused',
    what: phrase('{0}: the system does not let this program send from that port.', formatStep(step)),
    why: phrase('It said {0}.', code),
    next: phrase(
      'Ports below 1024 may take root; another port may be in use. Choose a range such as sport=40000-40100.',
    ),
    exit: ExitCode.configuration,
  });
}

/** @param file undefined: the editor keeps it */
export function sequenceKeyMalformed(host: string, file: string | undefined): Problem {
  if (file !== undefined) return keyMalformed(file);
  return new Problem({
    code: 'key-malformed',
    what: phrase('{0}: its key for one-time sequences is invalid.', host),
    why: phrase('Expected 43 characters of base64url.'),
    next: phrase('Run "Knockgate: Set Keys of Host…" with the key in the file of `sequence_key_file` on the server.'),
    exit: ExitCode.keyUnreadable,
  });
}
