import { homedir } from 'node:os';
import { join } from 'node:path';
import { l10n, type QuickPickItem, Uri, workspace } from 'vscode';
import { type Activity, type EventRow, readEventPage } from '../../activity-view/answer.ts';
import { asJson, countsAsCsv, eventsAsCsv, visitorsAsCsv } from '../../activity-view/export.ts';
import type { Filter } from '../../activity-view/messages.ts';
import { eventsQuestion } from '../../activity-view/questions.ts';
import { plainName } from '../../client/hosts/host-name.ts';
import { choose } from '../ask/ask.ts';
import { tell } from '../ask/tell.ts';
import { window } from '../ask/window.ts';
import { withProgress } from '../ask/with-progress.ts';
import type { GateQuestions } from './gate-questions.ts';

/** The most that a gate gives at once. */
const PAGE_LENGTH = 1000;
/** Events of a file: more than a spreadsheet shows well. */
const MOST_EVENTS = 100_000;

interface Choice extends QuickPickItem {
  /** Ends the name of the file: `events.csv`. */
  readonly file: string;
  readonly make: (signal: AbortSignal) => Promise<string> | string;
}

type Questions = Pick<GateQuestions, 'ask'>;

/** Asks what to export and where to, and writes the file. */
export async function exportActivity(
  host: string,
  activity: { readonly raw: unknown; readonly value: Activity } | undefined,
  filter: Filter,
  questions: Questions,
): Promise<void> {
  const title = l10n.t('Export Activity');
  const events = (signal: AbortSignal) => allEvents(filter, questions, signal);
  const ofActivity: Choice[] =
    activity === undefined
      ? []
      : [
          {
            label: l10n.t('Counts by the hour, CSV'),
            file: 'counts.csv',
            make: () => countsAsCsv(activity.value),
          },
          { label: l10n.t('Who came, CSV'), file: 'visitors.csv', make: () => visitorsAsCsv(activity.value) },
          { label: l10n.t('All figures, JSON'), file: 'activity.json', make: () => asJson(activity.raw) },
        ];
  const choices: Choice[] = [
    {
      label: l10n.t('Events, CSV'),
      detail: l10n.t('Those that the filter lets through.'),
      file: 'events.csv',
      make: async (signal) => eventsAsCsv((await events(signal)).rows),
    },
    {
      label: l10n.t('Events, JSON'),
      detail: l10n.t('The same, as the gate has written them.'),
      file: 'events.json',
      make: async (signal) => asJson((await events(signal)).raw),
    },
    ...ofActivity,
  ];
  const choice = await choose(choices, { title, placeHolder: l10n.t('Choose what to export') });
  if (choice === undefined) return;
  const defaultUri = Uri.file(join(homedir(), `${plainName(host)}-${choice.file}`));
  const uri = await window.showSaveDialog({ title, defaultUri });
  if (uri === undefined) return;
  const text = await withProgress(l10n.t('exporting from {0}', host), async (signal) => choice.make(signal));
  await workspace.fs.writeFile(uri, Buffer.from(text, 'utf8'));
  tell(l10n.t('Exported: {0}', uri.path));
}

/** Reads the log page by page, the newest event first, up to a limit. */
async function allEvents(
  filter: Filter,
  questions: Questions,
  signal: AbortSignal,
): Promise<{ readonly rows: EventRow[]; readonly raw: unknown[] }> {
  const rows: EventRow[] = [];
  const raw: unknown[] = [];
  let before: string | null = null;
  do {
    const { value }: { value: ReturnType<typeof readEventPage> } = await questions.ask(
      eventsQuestion(before, PAGE_LENGTH, filter),
      readEventPage,
    );
    rows.push(...value.rows);
    raw.push(...value.raw);
    before = value.next;
    signal.throwIfAborted();
  } while (before !== null && rows.length < MOST_EVENTS);
  return { rows, raw };
}
