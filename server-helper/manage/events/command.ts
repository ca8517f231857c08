import { eventsTable } from '../../../src/activity/events-table.ts';
import { parseNetwork } from '../../../src/base/addresses.ts';
import { badText } from '../../../src/base/problem.ts';
import type { Arguments } from '../../../src/command-table/read-line.ts';
import type { Paths } from '../../paths.ts';
import { eventsOfFile, hasEventsFile } from './file.ts';
import { eventsOfJournal } from './journal.ts';
import { type Page, pageOf, type Wanted } from './page.ts';
import { parseTime } from './time.ts';

const MOST_EVENTS = 1000;

/**
 * A page of the log: from the file, or else from the journal.
 * @param now unix milliseconds
 * @throws Problem
 */
export async function readEvents(paths: Paths, args: Arguments, now: number): Promise<Page> {
  const wanted = wantedBy(args, now);
  const before = args.value('before');
  const found = hasEventsFile(paths.events)
    ? eventsOfFile(paths.events, before)
    : eventsOfJournal({ before, until: wanted.until });
  return await pageOf(found, wanted);
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

export function showEvents({ events, next }: Page): string {
  const table = events.length === 0 ? 'No such event.' : eventsTable(events).join('\n');
  return next === null ? table : `${table}\n\nOlder: --before ${next}`;
}
