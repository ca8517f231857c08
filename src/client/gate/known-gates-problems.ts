import { phrase } from '../../base/phrase.ts';
import { ExitCode, Problem } from '../../base/problem.ts';

/* Errors about the gates that this device knows; all others of the client are in problems.ts. */

/** The host has no line: only a gate of ours has one. */
export function hostNotAGate(name: string): Problem {
  return new Problem({
    code: 'host-other-kind',
    what: phrase('{0} has no gate of Knockgate.', name),
    exit: ExitCode.configuration,
  });
}

/** @param strange addresses of the line, or of the host `name`, that do not belong to the host `other` with the same key */
export function gateKeyKnown(
  name: string,
  strange: readonly string[],
  other: string,
  places: readonly string[],
): Problem {
  return new Problem({
    code: 'gate-key-known',
    what: phrase('{0}: its key is that of {1} already, which is at another address. Nothing was done.', name, other),
    why: phrase(
      'Knocks would go to {0}; {1} is known at {2}. A key belongs to one gate: somebody uses it for another server, or that server was copied or has moved.',
      strange.join(', '),
      other,
      places.join(', '),
    ),
    next: phrase(
      'Ask the owner of the server. A copied server needs a key of its own: `knockgated key --new`. If {0} has moved, remove it here first.',
      other,
    ),
    exit: ExitCode.configuration,
  });
}
