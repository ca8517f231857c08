import { type Activity, type EventPage, readActivity, readEventPage } from './answer.ts';
import * as exact from './exact.ts';

/*
 * Messages between the extension and its page, which shows the activity of a gate. Both sides read what they get as if a stranger
 * had sent it. The extension passes a gate's answers on as they came, so that both sides read them with the same reader.
 */

/** Choice of events of the log. An empty text: all. */
const filter = exact.exactly({ event: exact.text, client: exact.text, address: exact.text });
export type Filter = exact.ReadBy<typeof filter>;

export const ALL_EVENTS: Filter = { event: '', client: '', address: '' };

/** From the page. */
export type FromPage =
  | { readonly type: 'ready' | 'refresh' }
  /** Asks for a page of the log. The answer repeats `request`. `before` is a cursor, or null for the newest events. */
  | { readonly type: 'events'; readonly request: number; readonly before: string | null; readonly filter: Filter }
  | { readonly type: 'revoke'; readonly address: string }
  | { readonly type: 'export'; readonly filter: Filter };

/** @throws NotAsExpected */
export const readFromPage = exact.anyOf<FromPage>(
  exact.exactly({ type: exact.oneOf('ready', 'refresh') }),
  exact.exactly({
    type: exact.oneOf('events'),
    request: exact.wholeNumber,
    before: exact.orNull(exact.text),
    filter,
  }),
  exact.exactly({ type: exact.oneOf('revoke'), address: exact.text }),
  exact.exactly({ type: exact.oneOf('export'), filter }),
);

/** First message, the answer to `ready`. */
export interface Start {
  readonly type: 'start';
  readonly host: string;
  /** Language of the editor: `de`. */
  readonly language: string;
  /** Version of this extension. */
  readonly version: string;
  /** Texts of that language by the English ones. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Something did not work. `request` is that of a page of the log; null for all else. */
interface Failed {
  readonly type: 'failed';
  readonly request: number | null;
  readonly text: string;
}

/** Something is done: for the line that a screen reader reads out. */
interface Done {
  readonly type: 'done';
  readonly text: string;
}

/** The two answers of a gate. `asked` and `answered` are unix milliseconds of this computer's clock. */
interface ActivityMessage<Answer> {
  readonly type: 'activity';
  readonly answer: Answer;
  readonly asked: number;
  readonly answered: number;
}
interface EventsMessage<Answer> {
  readonly type: 'events';
  readonly request: number;
  readonly answer: Answer;
}

/** As the extension sends it. */
export type ToPage = Start | Failed | Done | ActivityMessage<unknown> | EventsMessage<unknown>;

/** As the page reads it. */
export type ReadToPage = Start | Failed | Done | ActivityMessage<Activity> | EventsMessage<EventPage>;

const MOST_TEXTS = 10_000;

/** @throws NotAsExpected */
export const readToPage = exact.anyOf<ReadToPage>(
  exact.exactly({
    type: exact.oneOf('start'),
    host: exact.shownText,
    language: exact.text,
    version: exact.text,
    texts: exact.dictionary(exact.text, MOST_TEXTS),
  }),
  exact.exactly({
    type: exact.oneOf('activity'),
    answer: readActivity,
    asked: exact.wholeNumber,
    answered: exact.wholeNumber,
  }),
  exact.exactly({ type: exact.oneOf('events'), request: exact.wholeNumber, answer: readEventPage }),
  exact.exactly({ type: exact.oneOf('failed'), request: exact.orNull(exact.wholeNumber), text: exact.shownText }),
  exact.exactly({ type: exact.oneOf('done'), text: exact.shownText }),
);
