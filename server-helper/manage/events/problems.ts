import { badText, ExitCode, Problem } from '../../../src/base/problem.ts';

export function wrongCursor(cursor: string): Problem {
  return badText('--before', cursor, 'the cursor of a page of this log');
}

export function logMissing(): Problem {
  return new Problem({
    code: 'log-missing',
    what: 'There is no log of events on this host.',
    why: 'journalctl is not installed, and no daemon has written its log into a file yet.',
    next: 'Start the gate: systemctl start knockgate, or knockgated run.',
    exit: ExitCode.programMissing,
  });
}

/** @param said what journalctl wrote */
export function journalUnreadable(said: string): Problem {
  return new Problem({
    code: 'journal-unreadable',
    what: 'journalctl cannot read the journal.',
    why: said.trim(),
    next: 'Run this as root, or as a member of the group systemd-journal.',
    exit: ExitCode.privilege,
  });
}
