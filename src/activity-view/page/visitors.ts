import { phrase } from '../../base/phrase.ts';
import type { Visitor } from '../answer.ts';
import { button, make, say, section } from './dom.ts';
import type { Format } from './format.ts';
import { Table } from './table.ts';

/** Rows that are shown at first, and rows that are added each time. */
const FIRST = 10;
const MORE = 100;

/** The addresses of clients that were let in, the last visit first. */
export class Visitors {
  readonly element: HTMLElement;
  private readonly format: Format;
  private readonly table: Table;
  private readonly count = make('p', { class: 'quiet' });
  private readonly more: HTMLButtonElement;
  private visitors: readonly Visitor[] = [];
  private shown = FIRST;

  constructor(format: Format) {
    this.format = format;
    this.table = new Table('visitors-title', [
      { title: phrase('Client'), kind: 'code' },
      { title: phrase('Address'), kind: 'code' },
      { title: phrase('Knocks'), kind: 'number' },
      { title: phrase('First visit') },
      { title: phrase('Last visit') },
    ]);
    this.more = button(phrase('Show More'), () => {
      this.shown += MORE;
      this.fill();
    });
    this.element = section('visitors', phrase('Who came'), this.table.element, this.count, this.more);
  }

  show(visitors: readonly Visitor[]): void {
    this.visitors = [...visitors].sort((a, b) => b.last - a.last);
    this.fill();
  }

  private fill(): void {
    const { number, time } = this.format;
    const rows = this.visitors.slice(0, this.shown);
    this.table.show(
      rows.map(({ client, address, knocks, first, last }) => [
        client,
        address,
        number(knocks),
        time(first),
        time(last),
      ]),
    );
    const all = this.visitors.length;
    this.count.textContent =
      all === 0 ? say(phrase('Nobody came yet.')) : say(phrase('{0} of {1}', number(rows.length), number(all)));
    this.table.element.hidden = all === 0;
    this.more.hidden = rows.length === all;
  }
}
