import type { CommandEntry, OptionEntry } from '../entry.ts';
import { EVENT_FILTERS, EVENTS_JSON, ACTIVITY as OF_GATE } from '../gate/activity.ts';
import { LOGIN_OPTIONS, SSH_HOST } from './options.ts';

/* The commands that show what has happened at a gate. */

const CSV: OptionEntry = { name: 'csv', about: 'print lines for a spreadsheet' };

export const ACTIVITY: CommandEntry = {
  name: 'activity',
  summary: 'Show who came to a gate, who was refused, and how it is',
  about: [
    'Knocks, logs in, and shows who is let in now, knocks and refusals over time, the addresses of the clients that came, what the kernel did with packets, the health of the gate, and its last events.',
    'With --csv it prints the hourly counts. For the list of events: `knockgate events HOST`. To end a grant: `knockgate gate HOST revoke ADDRESS`.',
  ],
  arguments: [SSH_HOST],
  options: [
    { name: 'days', value: 'NUMBER', about: 'how many days back, from 1 to 31', usual: '1' },
    CSV,
    ...LOGIN_OPTIONS,
  ],
  json: [
    ...(OF_GATE.json ?? []),
    { path: 'events', type: 'array | null', about: 'the last ten events; null where the log cannot be read' },
  ],
  examples: [
    { line: 'knockgate activity prod', about: 'The last 24 hours.' },
    { line: 'knockgate activity prod --days 31 --json', about: 'Everything that the gate has counted, for a program.' },
    { line: 'knockgate activity prod --days 7 --csv >week.csv', about: 'A week of hourly counts, for a spreadsheet.' },
    {
      line: 'knockgate activity 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key',
      about: 'With another login and another key.',
    },
  ],
};

/** Options that the gate takes as well. */
export const PASSED_ON: readonly OptionEntry[] = EVENT_FILTERS.filter(({ name }) => name !== 'before');

export const EVENTS: CommandEntry = {
  name: 'events',
  summary: 'List the events of a gate, or export them',
  about: [
    'Knocks, logs in, and lists lines of the audit log of the gate, the newest first: one page, or every page with --all-pages. A page may have fewer events than --limit, or none, where a search has looked at 200,000 lines.',
    'TIME is a date with or without a time (2026-11-30, 2026-11-30T14:05; UTC unless it says otherwise), or how long ago: 90m, 24h, 7d.',
    'With --csv, a text that a spreadsheet would take for a formula has an apostrophe in front.',
  ],
  arguments: [SSH_HOST],
  options: [...EVENT_FILTERS, { name: 'all-pages', about: 'go on to the end of the log' }, CSV, ...LOGIN_OPTIONS],
  json: EVENTS_JSON,
  examples: [
    { line: 'knockgate events prod', about: 'The last hundred events.' },
    {
      line: 'knockgate events prod --event refused --reason replayed --since 24h --limit 1000 --json',
      about: 'What was sent again within a day, for a program.',
    },
    {
      line: 'knockgate events prod --client alice-laptop --address 203.0.113.0/24 --until 2026-11-30T14:05 --all-pages',
      about: 'Each time that a client came from one network.',
    },
    { line: 'knockgate events prod --all-pages --csv >events.csv', about: 'The whole log, for a spreadsheet.' },
    { line: 'knockgate events prod --before s=…', about: 'The next page: the first one ends with its cursor.' },
    {
      line: 'knockgate events 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key',
      about: 'With another login and another key.',
    },
  ],
};
