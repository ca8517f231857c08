import uPlot from 'uplot';
import { phrase } from '../../base/phrase.ts';
import { make, say } from './dom.ts';
import type { Format } from './format.ts';
import { Table } from './table.ts';

const HEIGHT = 200;
const DAY_MS = 86_400_000;

/** Bars of one colour. Those of several are piled up, the first at the bottom. */
export interface Bars {
  readonly name: string;
  /** Number of a colour of page.css. */
  readonly colour: number;
  readonly counts: readonly number[];
}

/** Counts over time: as a picture, in a sentence, and as a table. */
export class Plot {
  readonly element: HTMLElement;
  private readonly format: Format;
  private readonly area = make('div', { class: 'plot', role: 'img' });
  private readonly summary: HTMLElement;
  private readonly legend = make('ul', { class: 'legend' });
  private readonly pointed = make('p', { class: 'pointed', 'aria-hidden': 'true' });
  private readonly asTable: HTMLDetailsElement;
  private readonly id: string;
  private readonly title: string;
  private plot: uPlot | undefined;
  private label: (start: number) => string = String;
  private fillTable = () => {};

  constructor(id: string, title: string, format: Format) {
    this.format = format;
    this.id = id;
    this.title = title;
    this.summary = make('p', { class: 'summary' });
    const summary = make('summary', {}, say(phrase('{0}, as a table', title)));
    this.asTable = make('details', {}, summary);
    this.asTable.addEventListener('toggle', () => this.fillTable());
    const heading = make('h3', { id: `${id}-title` }, title);
    const { area, legend, pointed } = this;
    this.element = make('figure', {}, heading, this.summary, area, legend, pointed, this.asTable);
    new ResizeObserver(() => this.fit()).observe(area);
  }

  /**
   * @param edges beginnings of the bars and the end of the last, in unix milliseconds
   * @param summary what a person would see, in a sentence
   * @param label name of a bar, by its beginning
   */
  show(edges: readonly number[], bars: readonly Bars[], summary: string, label: (start: number) => string): void {
    this.label = label;
    this.summary.textContent = summary;
    this.area.setAttribute('aria-label', `${this.title}: ${summary}`);
    this.legend.replaceChildren(
      ...bars.map(({ name, colour }) => make('li', {}, make('span', { class: `swatch colour-${colour}` }), name)),
    );
    this.legend.hidden = bars.length < 2;
    this.pointed.textContent = '';
    this.fillTable = () => this.showTable(edges, bars);
    this.fillTable();
    this.draw(edges, bars);
  }

  /** Draws it again, in the colours of another theme. */
  redraw(): void {
    this.plot?.redraw(false);
  }

  private draw(edges: readonly number[], bars: readonly Bars[]): void {
    this.plot?.destroy();
    const starts = edges.slice(0, -1);
    // A pile is drawn from its top: each layer hides the lower part of the one before.
    const layers = pile(bars).reverse();
    const [first = 0, last = 1] = [edges[0], edges.at(-1)];
    const options: uPlot.Options = {
      width: this.width(),
      height: HEIGHT,
      ms: 1,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: true, range: () => [first, last] },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
      },
      axes: [this.axis(this.times()), this.axis(this.counts())],
      series: [
        {},
        ...layers.map(({ colour }) => ({
          fill: () => colourOf(`--colour-${colour}`),
          width: 0,
          points: { show: false },
          paths: barsFromTheLeft,
        })),
      ],
      hooks: { setCursor: [(plot) => this.point(barAt(plot, edges), edges, bars)] },
    };
    this.plot = new uPlot(options, [[...starts], ...layers.map(({ counts }) => [...counts])], this.area);
  }

  private axis(own: uPlot.Axis): uPlot.Axis {
    const { fontFamily } = getComputedStyle(document.body);
    return {
      stroke: () => colourOf('--vscode-foreground'),
      grid: { stroke: () => colourOf('--lines'), width: 0.5 },
      ticks: { stroke: () => colourOf('--lines'), width: 0.5 },
      font: `12px ${fontFamily}`,
      ...own,
    };
  }

  private times(): uPlot.Axis {
    const { format } = this;
    return {
      size: 30,
      space: 70,
      values: (_, at, __, ___, step) =>
        at.map((each) => (step >= DAY_MS || new Date(each).getHours() === 0 ? format.day(each) : format.hour(each))),
    };
  }

  private counts(): uPlot.Axis {
    const incrs = [1, 2, 5]
      .flatMap((step) => Array.from({ length: 9 }, (_, i) => step * 10 ** i))
      .sort((a, b) => a - b);
    return { size: 60, space: 30, incrs, values: (_, at) => at.map((each) => this.format.number(each)) };
  }

  /** Says what is under the mouse. */
  private point(bar: number, edges: readonly number[], bars: readonly Bars[]): void {
    const start = edges[bar];
    if (start === undefined) {
      this.pointed.textContent = '';
      return;
    }
    const counts = bars.map(({ name, counts }) => `${name} ${this.format.number(counts[bar] ?? 0)}`);
    this.pointed.textContent = `${this.label(start)}: ${counts.join(', ')}`;
  }

  private showTable(edges: readonly number[], bars: readonly Bars[]): void {
    this.asTable.querySelector('table')?.remove();
    if (!this.asTable.open) return;
    const table = new Table(`${this.id}-title`, [
      { title: phrase('From') },
      ...bars.map(({ name }) => ({ title: name, kind: 'number' as const })),
    ]);
    const { number } = this.format;
    table.show(
      edges.slice(0, -1).map((start, i) => [this.label(start), ...bars.map(({ counts }) => number(counts[i] ?? 0))]),
    );
    this.asTable.append(table.element);
  }

  private width(): number {
    return Math.max(100, this.area.clientWidth);
  }

  private fit(): void {
    if (this.plot !== undefined && this.plot.width !== this.width())
      this.plot.setSize({ width: this.width(), height: HEIGHT });
  }
}

/** The bar under the mouse; -1 when the mouse is elsewhere. */
function barAt(plot: uPlot, edges: readonly number[]): number {
  const { left = -1 } = plot.cursor;
  if (left < 0) return -1;
  const at = plot.posToVal(left, 'x');
  return Math.min(
    edges.findLastIndex((edge) => edge <= at),
    edges.length - 2,
  );
}

const barsFromTheLeft = uPlot.paths.bars?.({ size: [0.9, 60, 1], gap: 1, align: 1 }) ?? (() => null);

/** Piles bars up: each layer has the counts of those below it as well. */
function pile(bars: readonly Bars[]): { readonly colour: number; readonly counts: readonly number[] }[] {
  let below: readonly number[] = [];
  return bars.map(({ colour, counts }) => {
    below = counts.map((count, i) => count + (below[i] ?? 0));
    return { colour, counts: below };
  });
}

/** Value of a colour of page.css, or of the theme, at this moment. */
function colourOf(name: string): string {
  return getComputedStyle(document.body).getPropertyValue(name).trim() || 'gray';
}
