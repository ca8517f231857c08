import { type Phrase, phrase } from '../../base/phrase.ts';
import type { Activity } from '../answer.ts';
import { type Days, otherEventsSince, RANGES, refusalsSince, seriesOf, sum, type Total } from '../series.ts';
import { make, say, section } from './dom.ts';
import type { Format } from './format.ts';
import { Plot } from './plot.ts';
import { Table } from './table.ts';

const RANGE_NAMES: Readonly<Record<Days, Phrase>> = {
  1: phrase('the last 24 hours'),
  7: phrase('the last 7 days'),
  31: phrase('the last 31 days'),
};

/** Knocks and refusals over time, and totals of the same days. */
export class OverTime {
  readonly element: HTMLElement;
  private readonly format: Format;
  private readonly knocks: Plot;
  private readonly refusals: Plot;
  private readonly reasons: Totals;
  private readonly others: Totals;
  private days: Days = 1;
  private activity: Activity | undefined;

  constructor(format: Format) {
    this.format = format;
    this.knocks = new Plot('knocks', say(phrase('Knocks let in')), format);
    this.refusals = new Plot('refusals', say(phrase('Refusals')), format);
    this.reasons = new Totals('reasons', phrase('Refusals by reason'), phrase('Reason'), format);
    this.others = new Totals('others', phrase('Other events'), phrase('Event'), format);
    this.element = section(
      'over-time',
      phrase('Over time'),
      this.rangeChoice(),
      make('div', { class: 'plots' }, this.knocks.element, this.refusals.element),
      make('div', { class: 'plots' }, this.reasons.element, this.others.element),
      make(
        'p',
        { class: 'quiet' },
        say(phrase('Anybody can forge the source of a refused knock: block no address because of one.')),
      ),
    );
  }

  show(activity: Activity): void {
    this.activity = activity;
    const now = activity.status.time;
    const series = seriesOf(activity.hours, this.days, now);
    const [since = 0] = series.edges;
    const knocks = [{ name: say(phrase('Knocks let in')), colour: 0, counts: series.knocks }];
    this.knocks.show(series.edges, knocks, this.summary(series.knocks, series.edges), this.label);
    const refusals = series.reasons.map(({ reason, counts }, i) => ({
      name: reason ?? say(phrase('other reasons')),
      colour: i + 1,
      counts,
    }));
    this.refusals.show(series.edges, refusals, this.summary(series.refused, series.edges), this.label);
    this.reasons.show(refusalsSince(activity.hours, since));
    this.others.show(otherEventsSince(activity.hours, since));
  }

  redraw(): void {
    this.knocks.redraw();
    this.refusals.redraw();
  }

  /** Name of a bar: a day, or the beginning of a part of one. */
  private get label(): (start: number) => string {
    return this.days === 31 ? this.format.date : this.format.moment;
  }

  private summary(counts: readonly number[], edges: readonly number[]): string {
    const { number } = this.format;
    const range = say(RANGE_NAMES[this.days]);
    const most = Math.max(...counts);
    if (most === 0) return say(phrase('None in {0}.', range));
    const when = this.label(edges[counts.indexOf(most)] ?? 0);
    return say(phrase('{0} in {1}. Most from {2}: {3}.', number(sum(counts)), range, when, number(most)));
  }

  private rangeChoice(): HTMLElement {
    const select = make('select', { id: 'range' });
    for (const days of RANGES) select.append(make('option', { value: String(days) }, say(RANGE_NAMES[days])));
    select.addEventListener('change', () => {
      this.days = RANGES.find((days) => String(days) === select.value) ?? 1;
      if (this.activity !== undefined) this.show(this.activity);
    });
    return make('p', { class: 'field' }, make('label', { for: 'range' }, say(phrase('Show'))), select);
  }
}

/** Numbers of events by a name, each with its part of the whole. */
class Totals {
  readonly element: HTMLElement;
  private readonly table: Table;
  private readonly none = make('p', { class: 'quiet' }, say(phrase('None.')));
  private readonly format: Format;

  constructor(id: string, title: Phrase, name: Phrase, format: Format) {
    this.format = format;
    this.table = new Table(`${id}-title`, [
      { title: name, kind: 'wide' },
      { title: phrase('Number'), kind: 'number' },
      { title: phrase('Share'), kind: 'number' },
    ]);
    this.element = make('div', {}, make('h3', { id: `${id}-title` }, say(title)), this.none, this.table.element);
  }

  show(totals: readonly Total[]): void {
    const all = sum(totals.map(({ count }) => count));
    const { number, percent } = this.format;
    this.table.show(totals.map(({ name, count }) => [name, number(count), percent(count / all)]));
    this.none.hidden = totals.length > 0;
    this.table.element.hidden = totals.length === 0;
  }
}
