import type { Armed } from '../firewall/firewall.ts';

/** Addresses that one line of the log names. */
const MOST_NAMED = 20;

/** Text of the log about a restored table. */
export function restoredDetail({ adoptedFlows, strangers }: Armed): string {
  const adopted = `${adoptedFlows} established flows adopted`;
  if (strangers.length === 0) return adopted;
  const more = strangers.length - MOST_NAMED;
  const named = strangers.slice(0, MOST_NAMED).join(', ');
  return `${adopted}; cut off, since they came in meanwhile: ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
