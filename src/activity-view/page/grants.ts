import { phrase } from '../../base/phrase.ts';
import type { Grant } from '../answer.ts';
import { button, make, say, section } from './dom.ts';
import { Table } from './table.ts';

/** Addresses that are let in now, with the time that is left counting down. */
export class Grants {
  readonly element: HTMLElement;
  private readonly table: Table;
  private readonly nobody: HTMLElement;
  private readonly revoke: (address: string) => void;
  /** Cells that count down, with the time at which each grant ends. */
  private running: { readonly row: Element | null; readonly cell: HTMLElement; readonly endsAt: number }[] = [];

  constructor(revoke: (address: string) => void) {
    this.revoke = revoke;
    this.nobody = make('p', { class: 'quiet' }, say(phrase('Nobody is let in at the moment.')));
    this.table = new Table('in-now-title', [
      { title: phrase('Client'), kind: 'code' },
      { title: phrase('Address'), kind: 'code' },
      { title: phrase('Port'), kind: 'code' },
      { title: phrase('Time left'), kind: 'number' },
      { title: phrase('Action') },
    ]);
    this.element = section('in-now', phrase('In now'), this.nobody, this.table.element);
    this.show([], 0);
  }

  /** @param since milliseconds of the monotonic clock at which the gate answered */
  show(grants: readonly Grant[], since: number): void {
    const focused = this.focusedAddress();
    this.running = [];
    const rows = grants.map((grant) => {
      const cell = make('span', { role: 'timer' });
      const end = button(phrase('Revoke…'), () => this.revoke(grant.address), {
        'aria-label': say(phrase('Revoke the grants of {0}…', grant.address)),
        'data-address': grant.address,
        class: 'small',
      });
      return {
        cells: [grant.client, grant.address, grant.port, cell, end],
        cell,
        endsAt: since + grant.seconds * 1000,
      };
    });
    this.table.show(rows.map(({ cells }) => cells));
    this.running = rows.map(({ cell, endsAt }) => ({ row: cell.closest('tr'), cell, endsAt }));
    this.tick(performance.now());
    if (focused !== undefined) this.focus(focused);
  }

  /** @param now milliseconds of the monotonic clock */
  tick(now: number): void {
    for (const { row, cell, endsAt } of this.running) {
      const left = Math.ceil((endsAt - now) / 1000);
      if (left > 0) cell.textContent = leftInWords(left);
      else this.drop(row);
    }
    this.running = this.running.filter(({ endsAt }) => endsAt > now);
    this.nobody.hidden = this.running.length > 0;
    this.table.element.hidden = this.running.length === 0;
  }

  private drop(row: Element | null): void {
    const hadFocus = row?.contains(document.activeElement) ?? false;
    row?.remove();
    if (hadFocus) this.focus(undefined);
  }

  private focusedAddress(): string | undefined {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLElement) || !this.element.contains(activeElement)) return undefined;
    return activeElement.dataset.address;
  }

  /** Puts the focus where it was before the rows were replaced; on the heading when that row is gone. */
  private focus(address: string | undefined): void {
    const buttons = [...this.element.querySelectorAll<HTMLElement>('button[data-address]')];
    const target = buttons.find(({ dataset }) => dataset.address === address) ?? this.element.querySelector('h2');
    target?.focus();
  }
}

function leftInWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? say(phrase('{0} s', seconds)) : say(phrase('{0} min {1} s', minutes, seconds % 60));
}
