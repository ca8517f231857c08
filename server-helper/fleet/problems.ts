import { ExitCode, Problem } from '../../src/base/problem.ts';
import type { Alarm } from '../../src/fleet/fault.ts';
import { reasonOf } from '../problems.ts';

export function notInFleet(why: unknown): Problem {
  return new Problem({
    code: 'not-in-fleet',
    what: 'This gate is in no fleet.',
    why: reasonOf(why),
    next: 'Adopt it: knockgated fleet adopt ORG-HASH --as GATE-ID',
    exit: ExitCode.configuration,
  });
}

export function inOtherFleet(org: string): Problem {
  return new Problem({
    code: 'in-other-fleet',
    what: `This gate is in the fleet ${org} already.`,
    next: 'Take it out first: knockgated fleet leave',
    exit: ExitCode.configuration,
  });
}

export function setRefused({ code, document, why }: Alarm): Problem {
  return new Problem({
    code: `fleet-${code}`,
    what: `${document} is refused: ${why}.`,
    next: 'The set that was in force stays, whole. Revocations that came along count.',
    exit: ExitCode.configuration,
  });
}

export function locksOut(): Problem {
  return new Problem({
    code: 'fleet-locks-out',
    what: 'After this set, nobody who is known to get in here could: it is refused.',
    why: 'gate.toml has no client that may knock, and no break-glass device of the set has knocked here with success.',
    next: 'Enrol a client of your own: knockgated client add LINE',
    exit: ExitCode.configuration,
  });
}
