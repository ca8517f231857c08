import type { AuditEntry } from '../audit/audit.ts';
import type { AlertEvent } from '../config/alert-config.ts';

/** Reasons of refusals by which nothing is proved: the tag was a client's, the message was not, or not any more. */
const NOT_AUTHENTIC: readonly (string | undefined)[] = ['malformed', 'unauthentic'];

/**
 * The event of an alert that an entry of the audit log stands for; undefined for the others.
 * @param isFirstVisit whether a grant is the first of its client from its address; asked for grants alone
 */
export function alertEventOf({ event, reason }: AuditEntry, isFirstVisit: () => boolean): AlertEvent | undefined {
  switch (event) {
    case 'granted':
      return isFirstVisit() ? 'new-address' : undefined;
    case 'refused':
      if (reason === 'clock-skew') return 'clock';
      return NOT_AUTHENTIC.includes(reason) ? undefined : 'refused';
    case 'capture-lost':
    case 'decoy-visited':
    case 'firewall-lost':
    case 'state-degraded':
      return event;
    case 'clock-set':
      return 'clock';
    case 'memory-high':
      return 'memory';
    case 'program-replaced':
      return 'old-version';
    default:
      return undefined;
  }
}
