import { eventsTable } from '../activity/events-table.ts';
import { type EventPage, placeBehind, readEventPage } from '../activity-view/answer.ts';
import { eventsAsCsv } from '../activity-view/export.ts';
import { ExitCode } from '../base/problem.ts';
import { cancelled } from '../client/problems.ts';
import { EVENTS, PASSED_ON } from '../command-table/client/happenings.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { askInSession } from './ask-in-session.ts';
import type { Command } from './command.ts';
import { formOf, linesOfCsv } from './output-form.ts';
import type { Shell } from './shell.ts';

/** Most events of a page. */
const MOST_EVENTS = '1000';

export const events: Command = {
  entry: EVENTS,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const write = WRITERS[formOf(args)](shell, name);
    const all = args.flag('all-pages');
    await askInSession(args, shell, async (ask) => {
      let before = args.value('before');
      for (let isFirst = true; ; isFirst = false) {
        if (shell.signal.aborted) throw cancelled(name);
        const place = before === undefined ? [] : [`--before=${before}`];
        const { value: page } = await ask(['events', '--json', ...wordsOf(args, all), ...place], readEventPage);
        const isLast = !all || page.next === null;
        write(page, isFirst, isLast);
        if (isLast) return;
        before = placeBehind(page, before ?? null) ?? undefined;
      }
    });
    return ExitCode.done;
  },
};

/** The options of the gate. */
function wordsOf(args: Arguments, all: boolean): string[] {
  const given = PASSED_ON.flatMap(({ name }) => args.values(name).map((value) => `--${name}=${value}`));
  return all && args.value('limit') === undefined ? [...given, `--limit=${MOST_EVENTS}`] : given;
}

/** Prints a page; all pages together are one output. */
type Writer = (page: EventPage, isFirst: boolean, isLast: boolean) => void;

const WRITERS: Readonly<Record<ReturnType<typeof formOf>, (shell: Shell, host: string) => Writer>> = {
  text:
    (shell, host) =>
    ({ rows, next }, isFirst, isLast) => {
      for (const line of eventsTable(rows).slice(isFirst ? 0 : 1)) shell.print(line);
      if (isLast && next !== null) shell.tell(`\nOlder: knockgate events ${host} --before '${next}'`);
    },
  csv:
    (shell) =>
    ({ rows }, isFirst) => {
      const [head = '', ...lines] = linesOfCsv(eventsAsCsv(rows));
      for (const line of isFirst ? [head, ...lines] : lines) shell.print(line);
    },
  json: (shell) => {
    let comma = '';
    return ({ raw, next }, isFirst, isLast) => {
      if (isFirst) shell.print('{"events":[');
      for (const event of raw) {
        shell.print(`${comma}${JSON.stringify(event)}`);
        comma = ',';
      }
      if (isLast) shell.print(`],"next":${JSON.stringify(next)}}`);
    };
  },
};
