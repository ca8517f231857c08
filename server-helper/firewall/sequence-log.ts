/** Sequence whose steps were completed: a `[[sequence]]`, or a one-time sequence of a `[[client]]`; and its name. */
export interface Completed {
  readonly of: 'sequence' | 'client';
  readonly name: string;
}

/** How the kernel tells the daemon that a sequence was completed. */
export interface CompletionLog extends Completed {
  readonly nflogGroup: number;
}

/**
 * Limit of log entries for one sequence: anybody who knows a fixed one can send it from as many forged addresses as they like. The
 * limit is so low that it cannot disturb the daemon, which hears our own messages from the same group.
 */
const RATE = 'limit rate 10/minute burst 5 packets';
/** The longest header that an address is read from, that of IPv6. */
const SNAPLEN = 40;

/**
 * The rule behind which the daemon hears of a sequence. Beyond the rate, and where nobody listens, the packet goes on its way
 * unheard.
 */
export function completionRule({ nflogGroup, ...completed }: CompletionLog): string {
  return `${RATE} log prefix "${formatCompleted(completed)}" group ${nflogGroup} snaplen ${SNAPLEN} queue-threshold 1`;
}

/** `knockgate sequence NAME`: a name holds nothing that could end it, and at 82 characters at most it is below the kernel's 127. */
function formatCompleted({ of, name }: Completed): string {
  return `knockgate ${of} ${name}`;
}

/** Reads what our rule wrote; undefined for anything else. */
export function parseCompleted(prefix: string): Completed | undefined {
  const [, of, name] = /^knockgate (sequence|client) ([^ ]+)$/.exec(prefix) ?? [];
  return name === undefined ? undefined : { of: of === 'client' ? 'client' : 'sequence', name };
}
