import { english, phrase, speak } from '../../base/phrase.ts';
import type { Activity } from '../answer.ts';
import { type FromPage, type ReadToPage, readToPage, type Start } from '../messages.ts';
import { eventNames } from '../series.ts';
import { button, make, say } from './dom.ts';
import { EventList } from './events.ts';
import { Format } from './format.ts';
import { Grants } from './grants.ts';
import { Counters, Health } from './health.ts';
import { OverTime } from './over-time.ts';
import { Visitors } from './visitors.ts';

/*
 * The page that shows the activity of a gate: a program of its own, dist/activity.js, which runs in a webview of the editor. It asks
 * the extension for everything, and shows what it gets.
 */

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const editor = acquireVsCodeApi();
const post = (message: FromPage) => editor.postMessage(message);

const SECOND_MS = 1000;

/** The whole page, once its language is known. */
class ActivityPage {
  private readonly start: Start;
  private readonly format: Format;
  private readonly taken = make('p', { class: 'quiet' });
  /** Says what happens; a screen reader reads it out. */
  private readonly news = make('p', { role: 'status', class: 'news' });
  private readonly refresh: HTMLButtonElement;
  private readonly content = make('div', { hidden: '' });
  private readonly grants = new Grants((address) => post({ type: 'revoke', address }));
  private readonly health = new Health();
  private readonly overTime: OverTime;
  private readonly visitors: Visitors;
  private readonly counters: Counters;
  private readonly events: EventList;

  constructor(start: Start, root: HTMLElement) {
    this.start = start;
    this.format = new Format(start.language);
    this.overTime = new OverTime(this.format);
    this.visitors = new Visitors(this.format);
    this.counters = new Counters(this.format);
    this.events = new EventList(
      {
        load: (request, before, filter) => post({ type: 'events', request, before, filter }),
        export: (filter) => post({ type: 'export', filter }),
      },
      this.format,
    );
    this.refresh = button(phrase('Refresh'), () => this.ask());
    const { overTime, visitors, counters, events, grants, health } = this;
    this.content.append(
      make('div', { class: 'beside' }, grants.element, health.element),
      ...[overTime, visitors, counters, events].map(({ element }) => element),
    );
    const title = make('h1', {}, say(phrase('Activity of the gate on {0}', start.host)));
    root.replaceChildren(make('header', {}, title, this.taken, this.refresh), this.news, this.content);
    this.tell(say(phrase('Asking the gate…')));
    // It does not wait for the figures.
    this.events.reload();
    setInterval(() => this.grants.tick(performance.now()), SECOND_MS);
    new MutationObserver(() => this.overTime.redraw()).observe(document.documentElement, {
      attributeFilter: ['style'],
    });
  }

  receive(message: ReadToPage): void {
    if (message.type === 'activity') this.show(message.answer, message.asked, message.answered);
    if (message.type === 'events') this.events.show(message.request, message.answer);
    if (message.type === 'done') this.tell(message.text);
    if (message.type === 'failed') this.fail(message.request, message.text);
  }

  private fail(request: number | null, text: string): void {
    if (request !== null) this.events.showFailure(request, text);
    this.tell(text, true);
  }

  private ask(): void {
    this.tell(say(phrase('Asking the gate…')));
    this.refresh.disabled = true;
    post({ type: 'refresh' });
  }

  private show(activity: Activity, asked: number, answered: number): void {
    const isFirst = this.content.hidden;
    this.content.hidden = false;
    this.refresh.disabled = false;
    this.taken.textContent = say(phrase('As of {0}', this.format.time(answered)));
    const sinceMs = performance.now() - (Date.now() - answered);
    this.grants.show(activity.grants, sinceMs);
    this.health.show(activity, { asked, answered, version: this.start.version });
    this.overTime.show(activity);
    this.visitors.show(activity.visitors);
    this.counters.show(activity);
    this.events.showNames(eventNames(activity.hours));
    this.tell(isFirst ? '' : say(phrase('The figures are current.')));
    if (!isFirst || !this.events.isFresh) this.events.reload();
  }

  private tell(text: string, isFault = false): void {
    this.news.textContent = text;
    this.news.classList.toggle('fault', isFault);
    if (isFault) this.refresh.disabled = false;
  }
}

/** Takes the language of the editor; a text without a translation stays English. */
function speakBy(texts: Start['texts']): void {
  speak((message, ...values) => english(texts[message] ?? message, ...values));
}

function run(root: HTMLElement): void {
  let page: ActivityPage | undefined;
  addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = readToPage(data);
    if (message.type === 'start') {
      speakBy(message.texts);
      page = new ActivityPage(message, root);
    }
    page?.receive(message);
  });
  post({ type: 'ready' });
}

run(document.body.appendChild(make('main')));
