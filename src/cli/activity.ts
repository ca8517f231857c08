import { version } from '../../package.json';
import { parseDays } from '../activity/days.ts';
import { hoursWithin, type LastEvents, reportLines } from '../activity/report.ts';
import { readActivity, readEventPage } from '../activity-view/answer.ts';
import { countsAsCsv } from '../activity-view/export.ts';
import { fieldsOf } from '../base/loose-json.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import { ACTIVITY } from '../command-table/client/happenings.ts';
import { type AskInSession, askInSession } from './ask-in-session.ts';
import type { Command } from './command.ts';
import { formOf, linesOfCsv } from './output-form.ts';

/** Events below the rest: as many as fit on a screen with it. */
const LAST_EVENTS = 10;

export const activity: Command = {
  entry: ACTIVITY,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const days = parseDays(args.value('days'));
    const form = formOf(args);
    const { raw, value, last, when } = await askInSession(args, shell, async (ask) => {
      const asked = shell.clock.wallMs();
      const [answer, last] = await Promise.all([ask(['activity', '--json'], readActivity), lastEvents(ask)]);
      return { ...answer, last, when: { asked, answered: shell.clock.wallMs(), version } };
    });
    if (form === 'json') shell.print(JSON.stringify({ ...fieldsOf(raw), events: last.raw }));
    else if (form === 'csv') {
      const hours = hoursWithin(value, days, when.answered);
      for (const line of linesOfCsv(countsAsCsv({ ...value, hours }))) shell.print(line);
    } else {
      const revoke = `knockgate gate ${name} revoke ADDRESS`;
      const lines = reportLines({ activity: value, events: last.events, days, when, revoke });
      for (const { text, tone } of lines) shell.print(text, tone);
    }
    return ExitCode.done;
  },
};

/** Where the log cannot be read, the rest is worth seeing without it. */
async function lastEvents(ask: AskInSession): Promise<{ readonly raw: unknown; readonly events: LastEvents }> {
  try {
    const { value } = await ask(['events', '--json', `--limit=${LAST_EVENTS}`], readEventPage);
    return { raw: value.raw, events: value.rows };
  } catch (error) {
    if (error instanceof Problem && error.text.code !== 'connection-lost') return { raw: null, events: error.message };
    throw error;
  }
}
