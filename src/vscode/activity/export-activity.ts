import { homedir } from 'node:os';
import { join } from 'node:path';
import { l10n, type QuickPickItem, Uri, workspace } from 'vscode';
import { type Activity, type EventRow, placeBehind, readEventPage } from '../../activity-view/answer.ts';
import { asJson, countsAsCsv, eventsAsCsv, visitorsAsCsv } from '../../activity-view/export.ts';
import type { Filter } from '../../activity-view/messages.ts';
import { eventsQuestion } from '../../activity-view/questions.ts';
import { plainName } from '../../client/hosts/host-name.ts';
import { choose } from '../ask/ask.ts';
import { tell, warn } from '../ask/tell.ts';
import { window } from '../ask/window.ts';
import { withProgress } from '../ask/with-progress.ts';
import type { GateQuestions } from './gate-questions.ts';

/** The most that a gate gives at once. */
const PAGE_LENGTH = 1000;
/** Events of a file: more than a spreadsheet shows well. */
const MOST_EVENTS = 100_000;

interface Content {
  readonly text: string;
  /** Whether it has everything that was asked for. */
  readonly isWhole: boolean;
}

const whole = (text: string): Content => ({ text, isWhole: true });

interface Choice extends QuickPickItem {
  /** Ends the name of the file: `events.csv`. */
  readonly file: string;
  readonly make: (signal: AbortSignal) => Promise<Content> | Content;
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
            make: () => whole(countsAsCsv(activity.value)),
          },
          { label: l10n.t('Who came, CSV'), file: 'visitors.csv', make: () => whole(visitorsAsCsv(activity.value)) },
          { label: l10n.t('All figures, JSON'), file: 'activity.json', make: () => whole(asJson(activity.raw)) },
        ];
  const choices: Choice[] = [
    {
      label: l10n.t('Events, CSV'),
      detail: l10n.t('Those that the filter lets through.'),
      file: 'events.csv',
      make: async (signal) => {
        const { rows, isWhole } = await events(signal);
        return { text: eventsAsCsv(rows), isWhole };
      },
    },
    {
      label: l10n.t('Events, JSON'),
      detail: l10n.t('The same, as the gate has written them.'),
      file: 'events.json',
      make: async (signal) => {
        const { raw, isWhole } = await events(signal);
        return { text: asJson(raw), isWhole };
      },
    },
    ...ofActivity,
  ];
  const choice = await choose(choices, { title, placeHolder: l10n.t('Choose what to export') });
  if (choice === undefined) return;
  const defaultUri = Uri.file(join(homedir(), `${plainName(host)}-${choice.file}`));
  const uri = await window.showSaveDialog({ title, defaultUri });
  if (uri === undefined) return;
  const { text, isWhole } = await withProgress(l10n.t('exporting from {0}', host), async (signal) =>
    choice.make(signal),
  );
  await workspace.fs.writeFile(uri, Buffer.from(text, 'utf8'));
  if (isWhole) tell(l10n.t('Exported: {0}', uri.path));
  else warn(l10n.t('Exported: {0}. It has the {1} newest events; there are older ones.', uri.path, MOST_EVENTS));
}

/** Reads the log page by page, the newest event first, up to a limit. */
async function allEvents(
  filter: Filter,
  questions: Questions,
  signal: AbortSignal,
): Promise<{ readonly rows: EventRow[]; readonly raw: unknown[]; readonly isWhole: boolean }> {
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
    before = placeBehind(value, before);
    signal.throwIfAborted();
  } while (before !== null && rows.length < MOST_EVENTS);
  return { rows, raw, isWhole: before === null };
}
