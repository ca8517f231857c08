import type { Phrase } from '../../base/phrase.ts';
import { make, say } from './dom.ts';

export interface Column {
  readonly title: Phrase | string;
  /** How its cells are shown: `number` at the right; `code` for names and addresses; `wide` takes what is left. */
  readonly kind?: 'number' | 'code' | 'wide';
}

type Cell = string | Node;

/** Columns that fit beside each other in a narrow page. */
const MOST_NARROW = 3;

/**
 * A table. If it has many columns, each of its rows is a block of its own in a narrow page, in which every cell has its title before
 * it; the roles are written out since a browser forgets them then.
 */
export class Table {
  readonly element: HTMLTableElement;
  private readonly body: HTMLTableSectionElement;
  private readonly columns: readonly Column[];

  /** @param labelledBy id of the element that says what the table shows */
  constructor(labelledBy: string, columns: readonly Column[]) {
    this.columns = columns;
    this.body = make('tbody', { role: 'rowgroup' });
    const titles = columns.map((column) =>
      make('th', { role: 'columnheader', scope: 'col', class: column.kind ?? '' }, say(column.title)),
    );
    const head = make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, ...titles));
    const kind = columns.length > MOST_NARROW ? 'wide-table' : '';
    this.element = make('table', { role: 'table', class: kind, 'aria-labelledby': labelledBy }, head, this.body);
  }

  show(rows: readonly (readonly Cell[])[]): void {
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
  }

  private row(cells: readonly Cell[]): HTMLTableRowElement {
    const made = this.columns.map(({ title, kind = '' }, i) =>
      make('td', { role: 'cell', class: kind, 'data-title': say(title) }, cells[i] ?? ''),
    );
    return make('tr', { role: 'row' }, ...made);
  }
}
