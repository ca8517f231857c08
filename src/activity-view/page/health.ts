import { phrase } from '../../base/phrase.ts';
import type { Activity } from '../answer.ts';
import { type Asked, countersOf, healthOf } from '../health.ts';
import { make, say, section } from './dom.ts';
import type { Format } from './format.ts';
import { Table } from './table.ts';

/** How the gate is. A fault has a mark and a word, not a colour alone. */
export class Health {
  readonly element: HTMLElement;
  private readonly list = make('dl', { class: 'health' });

  constructor() {
    this.element = section('health', phrase('Health'), this.list);
  }

  show(activity: Activity, asked: Asked): void {
    const lines = healthOf(activity, asked).map(({ name, says, isFault }) => {
      const value = make('dd', {}, say(says));
      if (isFault) value.prepend(make('strong', { class: 'fault' }, say(phrase('Check:'))), ' ');
      return make('div', isFault ? { class: 'is-fault' } : {}, make('dt', {}, say(name)), value);
    });
    this.list.replaceChildren(...lines);
  }
}

/** Packets as kernel and daemon have counted them. */
export class Counters {
  readonly element: HTMLElement;
  private readonly format: Format;
  private readonly table = new Table('packets-title', [
    { title: phrase('Packets'), kind: 'wide' },
    { title: phrase('Number'), kind: 'number' },
  ]);

  constructor(format: Format) {
    this.format = format;
    const since = say(phrase('Since the firewall table was made, and since the daemon started.'));
    this.element = section('packets', phrase('Packets'), make('p', { class: 'quiet' }, since), this.table.element);
  }

  show(activity: Activity): void {
    this.table.show(countersOf(activity).map(({ name, packets }) => [say(name), this.format.number(packets)]));
  }
}
