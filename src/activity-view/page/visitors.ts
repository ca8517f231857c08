import { phrase } from '../../base/phrase.ts';
import type { Visitor } from '../answer.ts';
import { make, say, section } from './dom.ts';
import type { Format } from './format.ts';
import { Pages } from './pages.ts';
import { Table } from './table.ts';

/** Rows of a page. */
const PAGE_LENGTH = 20;

/** The addresses of clients that were let in, the last visit first, page by page. */
export class Visitors {
  readonly element: HTMLElement;
  private readonly format: Format;
  private readonly table: Table;
  private readonly state = make('p', { class: 'quiet', role: 'status' });
  private readonly pages: Pages;
  private visitors: readonly Visitor[] = [];
  /** The first one that is shown. */
  private first = 0;

  constructor(format: Format) {
    this.format = format;
    this.table = new Table('visitors-title', [
      { title: phrase('Client'), kind: 'code' },
      { title: phrase('Address'), kind: 'code' },
      { title: phrase('Knocks'), kind: 'number' },
      { title: phrase('First visit') },
      { title: phrase('Last visit') },
    ]);
    const goBy = (rows: number) => () => this.showFrom(this.first + rows);
    this.pages = new Pages(say(phrase('Pages of visitors')), goBy(-PAGE_LENGTH), goBy(PAGE_LENGTH));
    this.element = section('visitors', phrase('Who came'), this.state, this.table.element, this.pages.element);
  }

  show(visitors: readonly Visitor[]): void {
    this.visitors = [...visitors].sort((a, b) => b.last - a.last);
    this.showFrom(0);
  }

  private showFrom(first: number): void {
    const { number, moment } = this.format;
    const rows = this.visitors.slice(first, first + PAGE_LENGTH);
    this.first = first;
    this.table.show(
      rows.map((row) => [row.client, row.address, number(row.knocks), moment(row.first), moment(row.last)]),
    );
    const [last, all] = [first + rows.length, this.visitors.length];
    this.state.textContent =
      all === 0
        ? say(phrase('Nobody came yet.'))
        : say(phrase('{0} to {1} of {2}', number(first + 1), number(last), number(all)));
    this.table.element.hidden = all === 0;
    this.pages.show(first > 0, last < all);
  }
}
