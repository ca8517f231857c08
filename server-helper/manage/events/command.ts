import { eventsTable } from '../../../src/activity/events-table.ts';
import type { LastEvents } from '../../../src/activity/report.ts';
import { readEventPage } from '../../../src/activity-view/answer.ts';
import { parseNetwork } from '../../../src/base/addresses.ts';
import { badText, Problem } from '../../../src/base/problem.ts';
import type { Arguments } from '../../../src/command-table/read-line.ts';
import type { Paths } from '../../paths.ts';
import type { Found } from './event.ts';
import { eventsOfFile, hasEventsFile } from './file.ts';
import { eventsOfJournal, type Start } from './journal.ts';
import { ANY, type Page, pageOf, type Wanted } from './page.ts';
import { parseTime } from './time.ts';

const MOST_EVENTS = 1000;

/**
 * A page of the log: from the file, or else from the journal.
 * @param now unix milliseconds
 * @throws Problem
 */
export async function readEvents(paths: Paths, args: Arguments, now: number): Promise<Page> {
  const wanted = wantedBy(args, now);
  return await pageOf(logOf(paths, { before: args.value('before'), until: wanted.until }), wanted);
}

function logOf({ events }: Paths, start: Start): AsyncIterable<Found> {
  return hasEventsFile(events) ? eventsOfFile(events, start.before) : eventsOfJournal(start);
}

/** Events below the rest of the activity: as many as fit on a screen with it. */
const LAST_EVENTS = 10;

/** The last events, or why the log cannot be read. */
export async function lastEvents(paths: Paths): Promise<LastEvents> {
  const wanted = { ...ANY, limit: LAST_EVENTS };
  try {
    const page = await pageOf(logOf(paths, { before: undefined, until: undefined }), wanted);
    return readEventPage(page).rows;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

function wantedBy(args: Arguments, now: number): Wanted {
  const [since, until] = ['since', 'until'].map((option) => {
    const text = args.value(option);
    return text === undefined ? undefined : parseTime(`--${option}`, text, now);
  });
  const address = args.value('address');
  return {
    events: args.values('event'),
    reasons: args.values('reason'),
    client: args.value('client'),
    network: address === undefined ? undefined : parseNetwork(address, '--address'),
    since,
    until,
    limit: limitOf(args.value('limit') ?? '100'),
  };
}

function limitOf(text: string): number {
  const limit = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST_EVENTS) throw badText('--limit', text, `a whole number from 1 to ${MOST_EVENTS}`);
  return limit;
}

export function showEvents(page: Page): string {
  const { rows, next } = readEventPage(page);
  const table = rows.length === 0 ? 'No such event.' : eventsTable(rows).join('\n');
  return next === null ? table : `${table}\n\nOlder: --before ${next}`;
}
