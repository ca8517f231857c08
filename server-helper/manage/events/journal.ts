import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fieldsOf, parseJson } from '../../../src/base/loose-json.ts';
import type { Problem } from '../../../src/base/problem.ts';
import { SYSTEM_ENVIRONMENT } from '../../system-environment.ts';
import { type Found, parseEvent } from './event.ts';
import { journalUnreadable, logMissing, wrongCursor } from './problems.ts';

/** A cursor of the journal as journalctl writes it, but with commas: nobody has to quote it in a shell. */
const CURSOR = /^[a-z]=[0-9a-f]{1,32}(,[a-z]=[0-9a-f]{1,32}){1,9}$/;
/** Milliseconds by which the journal may have got an event after its time. */
const LATE = 60_000;
/** Bytes of an error that are kept. */
const MOST_SAID = 1000;

/** Where a search begins. */
export interface Start {
  /** Cursor behind which to go on. */
  readonly before: string | undefined;
  /** Unix milliseconds of the newest event that is wanted. */
  readonly until: number | undefined;
}

/**
 * The events of the journal, the newest first: as many as somebody takes.
 * @param program journalctl, and options in front of ours
 * @throws Problem `bad-text`, `log-missing`, `journal-unreadable`
 */
export async function* eventsOfJournal(start: Start, program = ['journalctl']): AsyncGenerator<Found> {
  const [command = '', ...options] = program;
  const child = spawn(command, [...options, ...argumentsFor(start)], {
    env: SYSTEM_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, MOST_SAID);
  });
  const ended = once(child, 'close').then(
    ([code]) => (code === 0 ? undefined : refusal(said, start)),
    () => logMissing(),
  );
  try {
    let rest = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const found = parseEntry(line);
        if (found !== undefined) yield found;
      }
    }
    const problem = await ended;
    if (problem !== undefined) throw problem;
  } finally {
    child.kill();
  }
}

/** @param said what journalctl wrote; a well-formed cursor may be one of no journal */
function refusal(said: string, { before }: Start): Problem {
  return before !== undefined && /\bcursor\b/.test(said) ? wrongCursor(before) : journalUnreadable(said);
}

function argumentsFor({ before, until }: Start): string[] {
  if (before !== undefined && !CURSOR.test(before)) throw wrongCursor(before);
  const place =
    before !== undefined
      ? [`--after-cursor=${before.replaceAll(',', ';')}`]
      : until === undefined
        ? []
        : [`--until=@${Math.ceil((until + LATE) / 1000)}`];
  // Long lines too (--all): they would be null. Nobody but this unit can write lines that have its name.
  return ['--reverse', '--output=json', '--output-fields=MESSAGE', '--all', '--quiet', '--no-pager', ...place, UNIT];
}

const UNIT = '_SYSTEMD_UNIT=knockgate.service';

/** Reads an entry of the journal; undefined for other messages, such as an error of the launcher. */
function parseEntry(line: string): Found | undefined {
  const { MESSAGE, __CURSOR: cursor } = fieldsOf(parseJson(line));
  // A message with anything but printable text comes as its bytes.
  const message = Array.isArray(MESSAGE) ? Buffer.from(MESSAGE).toString('utf8') : MESSAGE;
  const event = typeof message === 'string' ? parseEvent(message) : undefined;
  if (event === undefined || typeof cursor !== 'string') return undefined;
  return { event, cursor: cursor.replaceAll(';', ',') };
}
