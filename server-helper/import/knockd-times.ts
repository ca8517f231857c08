import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { KNOCKD_DEFAULTS, type KnockdSection, leadingNumber } from '../../src/sequence/knockd-conf.ts';

const LONGEST_STEP = 60;
/** Default `longest_grant` of a gate. */
const LONGEST_GRANT = 300;

/** Seconds from one step to the next; undefined, with a note, when nobody could knock in time. */
export function stepTimeoutOf({ name, line, entries }: KnockdSection, note: Note): number | undefined {
  const entry = entries.get('seq_timeout');
  const seconds = entry === undefined ? KNOCKD_DEFAULTS.seqTimeout : leadingNumber(entry.value);
  if (entry === undefined)
    note(line, phrase('[{0}] has no seq_timeout, for which knockd takes {1} seconds', name, seconds));
  else if (seconds < 1) {
    note(entry.line, phrase('[{0}] is left out: with {1} = {2} nobody is in time', name, entry.key, entry.value));
    return undefined;
  }
  const taken = Math.min(seconds, LONGEST_STEP);
  if (entry !== undefined && taken !== seconds)
    note(entry.line, phrase('{0} seconds become step_timeout = {1}, the longest there is', seconds, taken));
  if (entry !== undefined)
    note(entry.line, phrase('{0} is for all steps together, step_timeout from each to the next', entry.key));
  return taken;
}

/**
 * Field of the table that says how long a door opens its ports; none where knockd left them open for good.
 * @param own seconds after which its own command closes them
 * @returns undefined when they are never open, which is noted
 */
export function grantOf(
  { name, line, entries }: KnockdSection,
  own: number | undefined,
  note: Note,
): string[] | undefined {
  const timeout = entries.get('cmd_timeout');
  // The shorter time of the two families counts.
  const stop = ['stop_command', 'stop_command_6']
    .map((key) => entries.get(key))
    .find((each) => (each?.value ?? '') !== '');
  const isShut = stop !== undefined;
  const at = timeout?.line ?? stop?.line ?? line;
  if (isShut && timeout === undefined)
    note(
      stop.line,
      phrase('[{0}] has no cmd_timeout, for which knockd takes {1} seconds', name, KNOCKD_DEFAULTS.cmdTimeout),
    );
  if (!isShut && timeout !== undefined)
    note(timeout.line, phrase('cmd_timeout has no effect without a stop_command: knockd leaves [{0}] open', name));
  const written = timeout === undefined ? undefined : leadingNumber(timeout.value);
  const lengths = [own, written ?? (isShut ? KNOCKD_DEFAULTS.cmdTimeout : undefined)].filter(
    (each) => each !== undefined,
  );
  if (lengths.length === 0) {
    note(line, phrase('knockd leaves [{0}] open; here it is open for the seconds of grant in [gate]', name));
    return [];
  }
  const seconds = Math.min(...lengths);
  if (seconds < 1) {
    note(at, phrase('[{0}] is left out: it is shut as soon as it is open', name));
    return undefined;
  }
  const taken = Math.min(seconds, LONGEST_GRANT);
  if (taken !== seconds)
    note(
      at,
      phrase('{0} seconds become grant = {1}: for more, raise longest_grant of [gate] and this grant', seconds, taken),
    );
  return [`grant = ${taken}`];
}
