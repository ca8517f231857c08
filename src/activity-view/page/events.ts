import { parseNetwork } from '../../base/addresses.ts';
import { phrase } from '../../base/phrase.ts';
import { Problem } from '../../base/problem.ts';
import type { EventPage } from '../answer.ts';
import { ALL_EVENTS, type Filter } from '../messages.ts';
import { button, make, say, section } from './dom.ts';
import type { Format } from './format.ts';
import { Pages } from './pages.ts';
import { Table } from './table.ts';

/** Requests of the list to the extension. */
export interface EventsIo {
  readonly load: (request: number, before: string | null, filter: Filter) => void;
  readonly export: (filter: Filter) => void;
}

/** The events of the log, page by page, newest first. Only one page is in the document, so that scrolling stays smooth. */
export class EventList {
  readonly element: HTMLElement;
  private readonly io: EventsIo;
  private readonly format: Format;
  private readonly table: Table;
  private readonly event = make('select', { id: 'filter-event' });
  private readonly client = make('input', { id: 'filter-client', type: 'text', spellcheck: 'false', maxlength: '64' });
  private readonly address = make('input', {
    id: 'filter-address',
    type: 'text',
    spellcheck: 'false',
    maxlength: '64',
    'aria-describedby': 'filter-fault',
  });
  private readonly fault = make('p', { id: 'filter-fault', class: 'fault', role: 'alert' });
  private readonly state = make('p', { class: 'quiet', role: 'status' });
  private readonly pages: Pages;
  private filter = ALL_EVENTS;
  private request = 0;
  private isLoading = false;
  private hasPage = false;
  /** Where the pages begin, up to the one that is shown: null for the newest events. */
  private cursors: readonly (string | null)[] = [null];
  /** The same of the page that is being loaded. */
  private wanted = this.cursors;
  private next: string | null = null;

  constructor(io: EventsIo, format: Format) {
    this.io = io;
    this.format = format;
    this.table = new Table('events-title', [
      { title: phrase('Time') },
      { title: phrase('Event'), kind: 'code' },
      { title: phrase('Client'), kind: 'code' },
      { title: phrase('Address'), kind: 'code' },
      { title: phrase('Details'), kind: 'wide' },
    ]);
    this.pages = new Pages(
      say(phrase('Pages of the log')),
      () => this.turn(this.cursors.slice(0, -1)),
      () => this.turn([...this.cursors, this.next]),
    );
    this.element = section(
      'events',
      phrase('Events'),
      this.filterForm(),
      this.state,
      this.table.element,
      this.pages.element,
    );
    this.showNames([]);
  }

  /** Offers these events in the filter. */
  showNames(names: readonly string[]): void {
    const chosen = this.event.value;
    const all = make('option', { value: '' }, say(phrase('all events')));
    this.event.replaceChildren(all, ...names.map((name) => make('option', { value: name }, name)));
    this.event.value = names.includes(chosen) ? chosen : '';
  }

  /** Whether the newest events are shown, or on their way. */
  get isFresh(): boolean {
    return this.isLoading || this.hasPage;
  }

  /** Loads the newest events. */
  reload(): void {
    this.go([null]);
  }

  show(request: number, { rows, next }: EventPage): void {
    if (request !== this.request) return;
    this.next = next;
    this.cursors = this.wanted;
    this.hasPage = true;
    const { time } = this.format;
    this.table.show(rows.map((row) => [time(row.time), row.event, row.client, row.address, row.details]));
    this.settle(rows.length === 0 ? this.nothingInWords() : this.pageInWords(rows.length));
  }

  showFailure(request: number, text: string): void {
    if (request === this.request) this.settle(text);
  }

  private pageInWords(rows: number): string {
    return say(phrase('Page {0}: {1} events.', this.cursors.length, this.format.number(rows)));
  }

  /** A search looks at a part of the log at a time. */
  private nothingInWords(): string {
    if (this.next === null) return say(phrase('No events.'));
    return say(phrase('Page {0}: no events so far. "Older" goes on searching.', this.cursors.length));
  }

  /** Does nothing while a page is being loaded: until then it is unknown what comes after it. */
  private turn(cursors: readonly (string | null)[]): void {
    if (!this.isLoading) this.go(cursors);
  }

  /** Loads the last of these pages. The one that is shown stays until it is there. */
  private go(cursors: readonly (string | null)[]): void {
    this.wanted = cursors;
    this.request += 1;
    this.isLoading = true;
    this.state.textContent = say(phrase('Loading…'));
    this.table.element.setAttribute('aria-busy', 'true');
    this.io.load(this.request, cursors.at(-1) ?? null, this.filter);
  }

  /** Ends a load. */
  private settle(text: string): void {
    this.state.textContent = text;
    this.isLoading = false;
    this.table.element.removeAttribute('aria-busy');
    this.pages.show(this.cursors.length > 1, this.next !== null);
  }

  private filterForm(): HTMLElement {
    const field = (input: HTMLElement, text: string) =>
      make('div', { class: 'field' }, make('label', { for: input.id }, text), input);
    const form = make(
      'form',
      { class: 'filter', role: 'search' },
      field(this.event, say(phrase('Event'))),
      field(this.client, say(phrase('Client'))),
      field(this.address, say(phrase('Address'))),
      make('button', { type: 'submit' }, say(phrase('Filter'))),
      button(phrase('Export…'), () => this.io.export(this.filter), { class: 'secondary' }),
      this.fault,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.apply();
    });
    return form;
  }

  private apply(): void {
    const address = this.address.value.trim();
    const fault = faultOfAddress(address);
    this.fault.textContent = fault ?? '';
    this.address.setAttribute('aria-invalid', String(fault !== undefined));
    if (fault !== undefined) {
      this.address.focus();
      return;
    }
    this.filter = { event: this.event.value, client: this.client.value.trim(), address };
    this.reload();
  }
}

/** Says why a text is not an address or a network; undefined when it is one. */
function faultOfAddress(text: string): string | undefined {
  try {
    if (text !== '') parseNetwork(text);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}
